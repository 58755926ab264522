"""Kinds of the `notify` family: what people or other systems should know."""
