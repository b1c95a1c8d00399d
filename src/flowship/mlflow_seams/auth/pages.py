"""How MLflow's pages end what they take for a log-in: `Log out` in the menu, and after a changed password.

They remove the cookies below on `/` and on the page's own path, ask who the user is with a name and password that
nobody has, and go to the start page.
"""

from __future__ import annotations

USER_COOKIE = "mlflow_user"
"""A cookie that `Log out` removes, and that nothing else in MLflow's pages reads."""

LOGGED_OUT_USER = "mlflow-logged-out-"
"""How the name begins with which they then ask."""
