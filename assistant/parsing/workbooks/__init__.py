"""Workbooks: XLSX, XLSM, XLSB and XLS."""
