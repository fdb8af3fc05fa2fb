"""Spreadsheets: any workbook as rows, the table in it, and a row as an entry; entries as a workbook.

Rows in are rows out and rows reported: nothing is dropped in silence.
"""
