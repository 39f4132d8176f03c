"""The `callwright` command; the composition root.

main        the commands
serve       the server in the foreground
demo        what `make run` shows
tables      lists for people and for programs
places      where the data is, and errors in one line
"""
