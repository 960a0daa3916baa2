"""The event loop: what happens, and in which order (M5 and everything that takes time).

Owns: the calendar, queues, visits, transfers, closings and the rules of weeks and months, as
compiled kernels over the arrays of one run, and `simulation`, which runs them. Never does: hold a
formula of behaviour (`behaviours`), decide (`management`), or know a structure's name: it reads
the tables that `structures` made.
"""
