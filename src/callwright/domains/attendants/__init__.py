"""Auto attendants: flows, menus, and which of them applies now."""
