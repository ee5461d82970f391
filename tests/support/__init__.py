"""What several tests need to talk to real Erlang."""
