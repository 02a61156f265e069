"""How busy a vLLM server says it is."""

from __future__ import annotations

from assistant.adapters.chat_load import with_metrics
from assistant.types import ServerLoad

TOLD = """# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="scout"} 3.0
vllm:num_requests_running{engine="1",model_name="scout"} 2.0
vllm:num_requests_running{engine="0",model_name="other"} 9.0
vllm:num_requests_waiting{engine="0",model_name="scout"} 4.0
vllm:num_requests_waiting_by_reason{engine="0",model_name="scout"} 7.0
vllm:kv_cache_usage_perc{engine="0",model_name="scout"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="scout"} 0.5
vllm:num_requests_running{engine="2",model_name="scout"} nonsense
"""


def test_engines_of_the_model_are_added_up_and_the_fullest_cache_counts() -> None:
    own = ServerLoad(1, 0, 32)
    assert with_metrics(own, TOLD, "scout") == ServerLoad(1, 0, 32, running=5, queued=4, cache=0.5)
    assert with_metrics(own, TOLD, "missing") == own
    assert with_metrics(own, "", "scout") == own
