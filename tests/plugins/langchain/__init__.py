"""Tools of LangChain."""
