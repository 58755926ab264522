"""Extensions as their users install and run them: wheels in an environment of their own."""
