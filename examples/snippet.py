from openglm import AutoPipeline
pipeline = AutoPipeline.from_pretrained("zhipu/Open-AutoGLM")
result = pipeline(task="对用户购买行为进行预测", data="data/purchase_log.csv")
print(result["model"])
print(result["metrics"])
