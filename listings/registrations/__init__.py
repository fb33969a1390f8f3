"""Where operator and sellers are registered, and what makes a number a possible one."""
