"""Office's formats before Office Open XML, and RTF."""
