"""The words that every room speaks, and the ground they stand on. Imports nothing from the rooms above."""
