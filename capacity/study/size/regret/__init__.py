"""The size of least regret over worlds: what each needs, what too much and too little cost, what to order."""
