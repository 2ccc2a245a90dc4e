"""Web push: the key that an installation is known by at push services, and the browsers of people.

`keys` and `model` are pure; `store` seals what reaches a browser and opens it for who sends.
"""
