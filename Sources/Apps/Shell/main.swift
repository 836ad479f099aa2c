print("Shell")
