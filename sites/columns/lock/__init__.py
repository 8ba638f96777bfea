"""The lock: what a template planted stays as the template says, by any road. The model explains first, triggers hold always."""
