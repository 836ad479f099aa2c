import RaspberryPi4

print("Hello from a board with nothing underneath.")
