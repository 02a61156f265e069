"""Which questions ask for whole documents."""

import pytest

from assistant.context import question_scope


@pytest.mark.parametrize(
    "question",
    [
        "Summarise the travel policy",
        "Give me an overview of our benefits",
        "Compare annual leave and sick leave",
        "What is the difference between Tock and Concur?",
        "List all tools that need approval",
        "What are the main takeaways of the retrospective?",
        "Which of all our contracts mention liability?",
        "How has the headcount changed over time?",
        "Is a notice period agreed in these contracts?",
        "What did we spend on travel? List it for each reporting period.",
        "How did the rate fluctuate across the previous quarters?",
    ],
)
def test_questions_over_whole_documents(question):
    assert question_scope(question) == "across"


@pytest.mark.parametrize(
    "question",
    [
        "How do I book a train ticket?",
        "How many days before the trip must train tickets be booked?",
        "Who approves overtime?",
        "When does award leave expire?",
        "What is the VPN gateway called?",
        "How much leave do I have in the year that I join?",
        "When is overtime paid?",
    ],
)
def test_pinpoint_questions(question):
    assert question_scope(question) == "pinpoint"
