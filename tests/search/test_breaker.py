"""The circuit breaker, with a clock of its own."""

from search.breaker import CircuitBreaker


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_after_a_failure_one_caller_tries_when_the_time_is_over():
    clock = Clock()
    breaker = CircuitBreaker(10, clock)
    assert breaker.allows()
    breaker.trip()
    assert not breaker.allows()
    clock.now += 10
    assert breaker.allows()
    assert not breaker.allows(), "the others keep away while one tries"


def test_an_answer_lets_everybody_in_again():
    clock = Clock()
    breaker = CircuitBreaker(10, clock)
    breaker.trip()
    clock.now += 11
    assert breaker.allows()
    breaker.reset()
    assert breaker.allows()
    assert breaker.allows()
