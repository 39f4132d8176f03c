"""The `callwright` command; the composition root.

entry       where the program begins: signals end it in one line
main        the commands: what they are called and take
serve       the server in the foreground
demo        what `make run` shows
organisation, history, messages   what the other commands do
stored      what is stored, for reading
failures    errors in one line
tables      lists for people and for programs
places      directories, files and addresses on the command line
"""
