"""Example states: made from types, carried along a plan, and written as tests for a user's own suite."""
