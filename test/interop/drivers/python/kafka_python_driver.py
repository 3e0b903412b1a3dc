"""kafka-python behind the contract of all drivers."""

import logging
import os
import sys
import time

import kafka
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import CommitFailedError, IllegalGenerationError, KafkaError, RebalanceInProgressError, UnknownMemberIdError

from contract import Lanes, emit, encode_record, leaving, read_records, serve

logging.basicConfig(stream=sys.stderr, level=os.environ.get("INTEROP_PYTHON_LOG", "INFO"), format="%(asctime)s %(levelname)s %(name)s %(message)s")
BOOTSTRAP = sys.argv[1]
COMMON = {"bootstrap_servers": BOOTSTRAP, "client_id": "interop-kafka-python"}


def produce(job):
    acks = job["acks"] if job["acks"] == "all" else int(job["acks"])
    producer = KafkaProducer(**COMMON, acks=acks, compression_type=None if job["codec"] == "none" else job["codec"], linger_ms=5, batch_size=65536,
                             enable_idempotence=acks == "all", delivery_timeout_ms=15000, request_timeout_ms=10000)
    try:
        futures = []
        for lane, timestamp, key, value, headers in read_records(job["records"]):
            futures.append(producer.send(job["topic"], key=key, value=value, headers=headers, partition=lane, timestamp_ms=None if timestamp < 0 else timestamp))
        producer.flush(20)
        for future in futures:
            future.get(1)
        return len(futures)
    finally:
        producer.close(5)


def encoded(lane, record):
    return encode_record(lane, record.offset, record.timestamp, record.key, record.value, record.headers)


def consume(job):
    lanes = Lanes(job)
    consumer = KafkaConsumer(**COMMON, enable_auto_commit=False, auto_offset_reset="none", fetch_max_wait_ms=100)
    count = 0
    try:
        consumer.assign([TopicPartition(topic, partition) for topic, partition, _, _ in lanes.assigned])
        for topic, partition, start, _ in lanes.assigned:
            consumer.seek(TopicPartition(topic, partition), start)
        with open(job["out"], "wb") as out:
            while lanes.unfinished():
                for batch in consumer.poll(200, max_records=2000).values():
                    for record in batch:
                        lane = lanes.accept(record.topic, record.partition, record.offset)
                        if lane is not None:
                            out.write(encoded(lane, record))
                            count += 1
        return count
    finally:
        consumer.close()


def member(job):
    consumer = KafkaConsumer(**COMMON, group_id=job["group"], enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=100,
                             session_timeout_ms=int(job["session-ms"]), heartbeat_interval_ms=500, max_poll_interval_ms=int(job["session-ms"]))
    assigned = None
    count = 0
    most = int(job["max-records"])
    # kafka-python 3.0.12 may join before it knows the topic; it then assigns nothing, joins again and sometimes hangs in that second round.
    consumer.partitions_for_topic(job["topic"])
    consumer.subscribe([job["topic"]])
    try:
        with open(job["out"], "wb") as out:
            while not leaving.is_set() and (most == 0 or count < most):
                batches = poll(consumer)
                now = sorted(one.partition for one in consumer.assignment())
                if now != assigned:
                    assigned = now
                    emit(id=int(job["id"]), event="assignment", partitions=now)
                taken = 0
                for batch in batches.values():
                    for record in batch:
                        out.write(encoded(record.partition, record))
                        taken += 1
                if taken:
                    out.flush()
                    commit(consumer)
                    count += taken
        return count
    finally:
        leaving.clear()
        consumer.close(autocommit=False)


def poll(consumer):
    """What the client says may be tried again, as a broker that is away for a moment, is tried again."""
    try:
        return consumer.poll(200, max_records=100)
    except KafkaError as error:
        if not error.retriable:
            raise
        time.sleep(0.1)
        return {}


def commit(consumer):
    """A commit that a rebalance refuses is no failure: the records come again to their new owner."""
    try:
        consumer.commit()
    except KafkaError as error:
        if not error.retriable and not isinstance(error, (CommitFailedError, IllegalGenerationError, RebalanceInProgressError, UnknownMemberIdError)):
            raise


serve(f"kafka-python {kafka.__version__}", lambda op, job: {"produce": produce, "consume": consume, "group": member}[op](job))
