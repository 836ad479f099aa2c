print("SelfTest")
