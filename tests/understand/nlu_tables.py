"""Invented tables of many domains for the reader's tests. No table or sentence of a published benchmark is among them."""

from __future__ import annotations

from openglm.core.preset import Preset
from openglm.core.schema import Column, Schema

PRESET = Preset.load()


def _column(text: str, rows: int) -> Column:
    """Build a column from ``name | what | detail``: num low-cardinality counts, cat levels, id, date, text, path."""
    name, what, detail = (part.strip() for part in (text + "||").split("|")[:3])
    if what in ("int", "float"):
        n = int(detail or 500)
        return Column(name=name, role="numeric", dtype=what, n_unique=n, examples=("1", "2", "3"))
    if what == "few":  # whole numbers low-high
        low, high = (int(part) for part in detail.split("-"))
        levels = tuple(range(low, high + 1))
        return Column(name=name, role="numeric", dtype="int", n_unique=len(levels), levels=levels)
    if what == "cat":
        levels = tuple(sorted(part.strip() for part in detail.split(",")))
        return Column(name=name, role="category", dtype="str", n_unique=len(levels), levels=levels, examples=levels[:5])
    if what == "many":
        return Column(name=name, role="category", dtype="str", n_unique=int(detail or 80), examples=("aa", "bb"))
    if what == "bool":
        return Column(
            name=name, role="category", dtype="bool", n_unique=2, levels=(False, True), examples=("True", "False")
        )
    if what == "date":
        return Column(name=name, role="date", dtype="datetime", n_unique=300, examples=("2023-04-01",))
    if what == "id":
        return Column(name=name, role="id", dtype="str", n_unique=rows, examples=("A-1", "A-2"))
    if what == "path":
        return Column(name=name, role="text", dtype="str", n_unique=rows, examples=(f"a/1{detail}", f"a/2{detail}"))
    assert what == "text", text
    return Column(name=name, role="text", dtype="str", n_unique=rows, examples=("some words here", "other words there"))


def table(*columns: str, rows: int = 1000) -> Schema:
    """Return a schema of columns told in short."""
    return Schema(columns=tuple(_column(column, rows) for column in columns), rows=rows)


TABLES: dict[str, Schema] = {
    "mobile": table(
        "user_no|id",
        "plan_name|cat|basic,plus,family",
        "monthly_fee|float",
        "data_gb|float",
        "call_minutes|int",
        "complaints|few|0-8",
        "months_on_network|int|70",
        "phone_number|id",
        "is_lost|few|0-1",
    ),
    "flats": table(
        "房源编号|id",
        "小区名称|many",
        "建筑面积|float",
        "卧室数|few|1-6",
        "楼层|cat|低,中,高",
        "朝向|cat|南,北,东,西",
        "装修情况|cat|毛坯,简装,精装",
        "房龄|int|40",
        "成交总价|float",
    ),
    "clinic": table(
        "patient_id|id",
        "age|int|80",
        "sex|cat|F,M",
        "systolic_bp|int|90",
        "glucose|float",
        "bmi|float",
        "smoker|cat|no,yes",
        "admission_type|cat|elective,emergency,urgent",
        "length_of_stay|int|40",
        "readmitted_30d|cat|No,Yes",
    ),
    "staff": table(
        "工号|id",
        "姓名|text",
        "部门|cat|研发,销售,财务,人事",
        "岗位|many|30",
        "年龄|int|40",
        "月薪|float",
        "加班时长|float",
        "入职日期|date",
        "绩效等级|cat|A,B,C,D",
        "是否离职|cat|否,是",
    ),
    "parcels": table(
        "order_id|id",
        "warehouse|cat|A,B,C",
        "carrier|cat|north,south,express",
        "distance_km|float",
        "weight_kg|float",
        "ship_mode|cat|air,road,sea",
        "order_date|date",
        "delivery_days|int|30",
        "freight_cost|float",
        "arrived_late|bool",
    ),
    "grid": table(
        "timestamp|date", "station|cat|K1,K2,K3", "temp_c|float", "humidity|float", "load_mw|float", "price_eur|float"
    ),
    "farm": table(
        "field_id|id",
        "region|cat|north,south",
        "soil_type|cat|clay,loam,sand",
        "rainfall_mm|float",
        "fertilizer_kg|float",
        "pesticide|float",
        "crop|cat|maize,rice,wheat,barley",
        "yield_t_ha|float",
    ),
    "school": table(
        "学号|id",
        "姓名|text",
        "性别|cat|男,女",
        "班级|cat|一班,二班,三班",
        "出勤率|float",
        "作业完成率|float",
        "期中成绩|int|60",
        "期末成绩|int|60",
        "是否挂科|few|0-1",
    ),
    "claims": table(
        "policy_no|id",
        "vehicle_age|int|30",
        "driver_age|int|70",
        "region|cat|E,N,S,W",
        "annual_premium|float",
        "claim_amount|float",
        "fraud_reported|cat|N,Y",
    ),
    "sessions": table(
        "session_id|id",
        "pages|int|60",
        "duration_sec|float",
        "device|cat|desktop,mobile,tablet",
        "traffic_source|cat|ads,mail,search",
        "bounce_rate|float",
        "weekend|bool",
        "Transaction|bool",
    ),
    "parts": table(
        "serial|id",
        "line|cat|L1,L2,L3",
        "temperature|float",
        "pressure|float",
        "torque|float",
        "shift|cat|day,night",
        "surface_grade|few|1-5",
        "defect_type|cat|crack,dent,none,scratch",
        "is_defect|few|0-1",
    ),
    "sky": table(
        "date|date",
        "station|cat|A,B",
        "min_temp|float",
        "max_temp|float",
        "rain_mm|float",
        "wind_kmh|float",
        "rain_tomorrow|cat|No,Yes",
    ),
    "songs": table(
        "track_id|id",
        "artist|many|300",
        "tempo|float",
        "danceability|float",
        "genre|cat|folk,jazz,pop,rock",
        "popularity|int|100",
        "streams|int",
    ),
    "plain": table("x1|float", "x2|float", "x3|float", "x4|cat|a,b,c", "target|few|0-1"),
    "mails": table("mail_id|id", "subject|text", "body|text", "label|cat|ham,spam"),
    "cars": table(
        "车辆编号|id",
        "品牌|many|40",
        "上牌年份|int|20",
        "行驶里程|float",
        "排量|float",
        "变速箱|cat|手动,自动",
        "二手车报价|float",
    ),
    "shops": table(
        "日期|date",
        "店铺编号|id",
        "城市|cat|上海,北京,广州",
        "是否促销|few|0-1",
        "到店人数|int|900",
        "营业额|float",
        "库存量|int|900",
    ),
    "photos": table("file|path|.jpg", "species|cat|fox,hare,wolf", "weight_kg|float"),
    "credit": table(
        "cust_id|id",
        "AnnualInc|float",
        "LoanAmt|float",
        "LoanPurpose|cat|car,home,study",
        "EmpLengthYrs|int|30",
        "CreditScore|int|400",
        "loanstatus|cat|Charged Off,Fully Paid",
    ),
    "hotel": table(
        "booking_ref|id",
        "lead_time|int|300",
        "adults|few|1-4",
        "nights|int|20",
        "room_type|cat|A,B,C",
        "market_segment|cat|Direct,OTA,Group",
        "avg_price_per_room|float",
        "is_canceled|few|0-1",
    ),
    "wine": table("acidity|float", "sugar|float", "alcohol|float", "ph|float", "quality|few|3-8"),
    "match": table(
        "match_id|id",
        "home_team|many|20",
        "away_team|many|20",
        "shots|int|30",
        "possession|float",
        "home_goals|few|0-7",
        "result|cat|A,D,H",
    ),
}
