"""The words every other room speaks: ids, numbers, money, time, reasons and limits.

Imports nothing of ours.
"""
