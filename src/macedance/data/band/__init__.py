"""The band of the song synthesiser: what it plays, on which instruments, in which styles."""
