"""The door by which an agency reports on its own actions in one plan without an account."""
