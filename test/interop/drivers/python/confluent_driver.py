"""confluent-kafka (librdkafka) behind the contract of all drivers."""

import sys

import confluent_kafka
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from contract import Lanes, emit, encode_record, leaving, read_records, serve

BOOTSTRAP = sys.argv[1]
COMMON = {"bootstrap.servers": BOOTSTRAP, "client.id": "interop-confluent-kafka"}


def produce(job):
    producer = Producer({**COMMON, "acks": job["acks"], "compression.type": job["codec"], "linger.ms": 5, "batch.num.messages": 2000,
                         "enable.idempotence": job["acks"] == "all", "message.timeout.ms": 15000, "queue.buffering.max.messages": 200000})
    failures = []
    delivered = 0

    def on_delivery(error, _message):
        nonlocal delivered
        if error is None:
            delivered += 1
        else:
            failures.append(error)

    for lane, timestamp, key, value, headers in read_records(job["records"]):
        extra = {} if timestamp < 0 else {"timestamp": timestamp}
        producer.produce(job["topic"], value=value, key=key, partition=lane, headers=headers, on_delivery=on_delivery, **extra)
        producer.poll(0)
    left = producer.flush(20)
    if failures:
        raise KafkaException(failures[0])
    if left:
        raise TimeoutError(f"{left} records were not delivered")
    return delivered


def written(out, lane, message):
    out.write(encode_record(lane, message.offset(), message.timestamp()[1], message.key(), message.value(), message.headers()))


def consume(job):
    lanes = Lanes(job)
    errors = []
    consumer = Consumer({**COMMON, "group.id": "interop-unused", "enable.auto.commit": False, "auto.offset.reset": "error", "fetch.wait.max.ms": 100,
                         "error_cb": errors.append})
    count = 0
    try:
        consumer.assign([TopicPartition(topic, partition, start) for topic, partition, start, _ in lanes.assigned])
        with open(job["out"], "wb") as out:
            while lanes.unfinished():
                for message in consumer.consume(1000, 0.2):
                    if message.error() is not None:
                        raise KafkaException(message.error())
                    lane = lanes.accept(message.topic(), message.partition(), message.offset())
                    if lane is not None:
                        written(out, lane, message)
                        count += 1
        return count
    except TimeoutError as error:
        raise TimeoutError(f"{error} {errors[:3]}") from None
    finally:
        consumer.close()


def member(job):
    consumer = Consumer({**COMMON, "group.id": job["group"], "enable.auto.commit": False, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 100,
                         "session.timeout.ms": int(job["session-ms"]), "heartbeat.interval.ms": 500})
    assigned = None
    count = 0
    most = int(job["max-records"])
    consumer.subscribe([job["topic"]])
    try:
        with open(job["out"], "wb") as out:
            while not leaving.is_set() and (most == 0 or count < most):
                messages = consumer.consume(100, 0.2)
                now = sorted(one.partition for one in consumer.assignment())
                if now != assigned:
                    assigned = now
                    emit(id=int(job["id"]), event="assignment", partitions=now)
                taken = 0
                for message in messages:
                    if message.error() is not None:
                        raise KafkaException(message.error())
                    written(out, message.partition(), message)
                    taken += 1
                if taken:
                    out.flush()
                    commit(consumer)
                    count += taken
        return count
    finally:
        leaving.clear()
        consumer.close()


def commit(consumer):
    """A commit that a rebalance refuses is no failure: the records come again to their new owner."""
    try:
        consumer.commit(asynchronous=False)
    except KafkaException as error:
        if error.args[0].name() not in ("_NO_OFFSET", "REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"):
            raise


serve(f"confluent-kafka {confluent_kafka.version()[0] if isinstance(confluent_kafka.version(), tuple) else confluent_kafka.version()}"
      f" librdkafka {confluent_kafka.libversion()[0]}",
      lambda op, job: {"produce": produce, "consume": consume, "group": member}[op](job))
