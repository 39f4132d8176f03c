"""What is wrong with text that is not YAML, said so that a person can put it right."""

import yaml

from callwright.operations.organisation_file.mistakes import Mistake


def mistake_of(file: str, text: str, error: Exception) -> Mistake:
    """The one mistake of a text that YAML cannot read."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _syntax_mistake(file, error, last_line=max(1, len(text.splitlines())))
    return _unreadable(file, text, error)


def _syntax_mistake(file: str, error: yaml.MarkedYAMLError, *, last_line: int) -> Mistake:
    mark = error.problem_mark or error.context_mark
    line = min(1 if mark is None else mark.line + 1, last_line)
    problem = (error.problem or "it is broken").removeprefix("but ")
    begun = error.context_mark
    if begun is not None and begun.line + 1 != line:
        problem += f" ({error.context}, line {begun.line + 1})"
    remedy = "check indentation (spaces, no tabs), quotes, brackets and colons here and above"
    if "found another document" in problem:
        remedy = "write one organisation in a file, without a second ---"
    elif "undefined alias" in problem:
        remedy = "put text that begins with * into quotes"
    elif "the anchor &" in problem:
        remedy = "give each a name of its own"
    return Mistake(file, line, "", f"this is not YAML: {problem}; {remedy}")


def _unreadable(file: str, text: str, error: Exception) -> Mistake:
    if isinstance(error, yaml.reader.ReaderError):
        position = int(error.position)
        line = text.count("\n", 0, position) + 1
        problem = f"the character U+{ord(text[position]):04X}" if position < len(text) else ""
        return Mistake(file, line, "", f"this is not YAML: {problem or error}; remove it")
    if isinstance(error, RecursionError):
        why = "this is nested too deeply; write plain mappings and lists"
    else:
        why = "this holds half a character; save the file as UTF-8"
    return Mistake(file, 1, "", why)
