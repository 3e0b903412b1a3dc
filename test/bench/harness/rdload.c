/* Load by librdkafka, for the benchmark and the durability tier. One JSON line on standard output at the end.
 *
 *   rdload produce BROKERS TOPIC RECORDS SIZE RATE [name=value ...]   RATE 0 = as fast as it goes
 *   rdload consume BROKERS TOPIC PARTITIONS RECORDS [name=value ...]  from the start of every partition, without a group
 *   rdload acks    BROKERS TOPIC PARTITIONS SIZE [name=value ...]     idempotent, until standard input ends; a line
 *                                                                     "ack NUMBER PARTITION OFFSET MICROS" per acknowledged record
 *   rdload pace    BROKERS TOPIC PARTITIONS MILLIS SIZE [name=value ...]
 *                                                                     the same with one record every so often to each partition;
 *                                                                     "fail NUMBER PARTITION 0 MICROS" per record given up
 *   rdload follow  BROKERS TOPIC GROUP [name=value ...]               a member of a group, until standard input ends; a line
 *                                                                     "got NUMBER PARTITION OFFSET MICROS" per record
 *
 * MICROS is the monotonic clock, one for all processes of a machine.
 * Latency is counted from the moment at which a record was due, so that a stalled server cannot hide behind a stalled sender. */
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t nowMicros(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void fail(const char *what) {
    fprintf(stderr, "rdload: %s\n", what);
    exit(1);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[512];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(error);
}

static void setAll(rd_kafka_conf_t *conf, int count, char **pairs) {
    for (int i = 0; i < count; i++) {
        char *equals = strchr(pairs[i], '=');
        if (!equals) fail("expected name=value");
        *equals = 0;
        set(conf, pairs[i], equals + 1);
    }
}

static int64_t acknowledged, failed, warmup;
static uint32_t *latencies;
static int printAcks;

static void onDelivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
    (void)rk;
    (void)opaque;
    if (m->err) {
        if (printAcks) printf("fail %lld %d 0 %lld\n", (long long)(intptr_t)m->_private, m->partition, (long long)nowMicros());
        if (failed++ < 3) fprintf(stderr, "rdload: delivery failed: %s\n", rd_kafka_err2str(m->err));
        return;
    }
    if (printAcks) printf("ack %lld %d %lld %lld\n", (long long)(intptr_t)m->_private, m->partition, (long long)m->offset, (long long)nowMicros());
    else latencies[acknowledged] = (uint32_t)(nowMicros() - (int64_t)(intptr_t)m->_private);
    acknowledged++;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* Half random, half constant bytes, as the OpenMessaging workloads have it. */
static char *payload(size_t size) {
    char *bytes = malloc(size + 1);
    uint32_t state = 12345;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = i % 2 ? 'x' : (char)(state >> 24);
    }
    return bytes;
}

static rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
    char error[512];
    rd_kafka_t *rk = rd_kafka_new(type, conf, error, sizeof error);
    if (!rk) fail(error);
    return rk;
}

static int produce(int argc, char **argv) {
    if (argc < 7) fail("produce BROKERS TOPIC RECORDS SIZE RATE");
    int64_t records = atoll(argv[4]), rate = atoll(argv[6]);
    size_t size = (size_t)atoll(argv[5]);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", argv[2]);
    set(conf, "acks", "all");
    set(conf, "batch.num.messages", "1000000");
    set(conf, "queue.buffering.max.messages", "500000");
    rd_kafka_conf_set_dr_msg_cb(conf, onDelivery);
    setAll(conf, argc - 7, argv + 7);
    rd_kafka_t *rk = client(RD_KAFKA_PRODUCER, conf);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[3], NULL);
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(rk, 0, topic, &metadata, 10000)) fail("no metadata");
    int partitions = metadata->topic_cnt ? metadata->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(metadata);
    if (partitions < 1) fail("the topic has no partitions");

    char *bytes = payload(size);
    latencies = malloc(sizeof *latencies * (size_t)records);
    int64_t start = nowMicros();
    for (int64_t i = 0; i < records; i++) {
        int64_t due = nowMicros();
        if (rate > 0) {
            due = start + i * 1000000 / rate;
            for (int64_t wait = due - nowMicros(); wait > 0; wait = due - nowMicros())
                rd_kafka_poll(rk, wait > 2000 ? (int)(wait / 1000) : 0), wait > 100 ? usleep(wait > 1000 ? 500 : 50) : 0;
        }
        /* Runs of one partition let batches fill; the fixed-rate load takes the partitions in turn. */
        int32_t partition = (int32_t)((rate > 0 ? i : i / 1000) % partitions);
        while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, bytes, size, NULL, 0, (void *)(intptr_t)due) == -1) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(rd_kafka_last_error()));
            rd_kafka_poll(rk, 1);
        }
        if (rate == 0 && i % 512 == 0) rd_kafka_poll(rk, 0);
        else if (rate > 0) rd_kafka_poll(rk, 0);
    }
    while (rd_kafka_outq_len(rk) > 0 && nowMicros() - start < 300000000) rd_kafka_poll(rk, 10);
    int64_t elapsed = nowMicros() - start;
    failed += rd_kafka_outq_len(rk);

    /* At a fixed rate the first fifth is warm-up, as acknowledgements arrive in order. */
    warmup = rate > 0 ? acknowledged / 5 : 0;
    int64_t counted = acknowledged - warmup;
    uint32_t *sorted = latencies + warmup;
    qsort(sorted, (size_t)counted, sizeof *sorted, ascending);
#define P(q) (counted ? sorted[(int64_t)((counted - 1) * (q))] / 1000.0 : 0)
    printf("{\"records\":%lld,\"failed\":%lld,\"seconds\":%.6f,\"p50Millis\":%.3f,\"p99Millis\":%.3f,\"p999Millis\":%.3f,\"maxMillis\":%.3f}\n",
           (long long)acknowledged, (long long)failed, elapsed / 1e6, P(0.5), P(0.99), P(0.999), P(1.0));
    return failed || acknowledged != records ? 1 : 0;
}

static int consume(int argc, char **argv) {
    if (argc < 6) fail("consume BROKERS TOPIC PARTITIONS RECORDS");
    int partitions = atoi(argv[4]);
    int64_t records = atoll(argv[5]), seen = 0, bytes = 0;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", argv[2]);
    set(conf, "group.id", "rdload");
    set(conf, "enable.auto.commit", "false");
    set(conf, "check.crcs", "true");
    setAll(conf, argc - 6, argv + 6);
    rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, conf);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[3], NULL);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    int64_t start = nowMicros(), last = start;
    for (int p = 0; p < partitions; p++)
        if (rd_kafka_consume_start_queue(topic, p, RD_KAFKA_OFFSET_BEGINNING, queue) == -1) fail("consume_start");
    static rd_kafka_message_t *messages[10000];
    while (seen < records) {
        ssize_t count = rd_kafka_consume_batch_queue(queue, 100, messages, 10000);
        for (ssize_t i = 0; i < count; i++) {
            if (!messages[i]->err) seen++, bytes += (int64_t)messages[i]->len;
            rd_kafka_message_destroy(messages[i]);
        }
        if (count > 0) last = nowMicros();
        else if (nowMicros() - last > 20000000) break;
        rd_kafka_poll(rk, 0);
    }
    int64_t elapsed = nowMicros() - start;
    printf("{\"records\":%lld,\"bytes\":%lld,\"seconds\":%.6f}\n", (long long)seen, (long long)bytes, elapsed / 1e6);
    fflush(stdout);
    /* Leaving at once: tearing down a consumer with a full queue takes longer than the measurement. */
    _exit(seen < records ? 1 : 0);
}

/* An idempotent producer that prints what becomes of each record. */
static rd_kafka_t *printingProducer(const char *brokers, const char *queueMax, int count, char **pairs) {
    printAcks = 1;
    setvbuf(stdout, NULL, _IOLBF, 1 << 16);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "enable.idempotence", "true");
    set(conf, "acks", "all");
    set(conf, "message.timeout.ms", "120000");
    set(conf, "reconnect.backoff.ms", "20");
    set(conf, "reconnect.backoff.max.ms", "200");
    set(conf, "queue.buffering.max.messages", queueMax);
    rd_kafka_conf_set_dr_msg_cb(conf, onDelivery);
    setAll(conf, count, pairs);
    return client(RD_KAFKA_PRODUCER, conf);
}

/* The record's number, in decimal and sixteen digits wide, is what the reader looks for. */
static void writeNumber(char *bytes, int64_t number) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016lld", (long long)number);
    memcpy(bytes, digits, 16);
}

static int isInputOpen(void) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    return poll(&input, 1, 0) == 0;
}

static void finishPrinting(rd_kafka_t *rk, int64_t sent) {
    rd_kafka_flush(rk, 60000);
    int64_t unanswered = rd_kafka_outq_len(rk);
    printf("{\"sent\":%lld,\"acknowledged\":%lld,\"failed\":%lld,\"unanswered\":%lld}\n", (long long)sent, (long long)acknowledged,
           (long long)failed, (long long)unanswered);
    fflush(stdout);
    _exit(failed || unanswered ? 1 : 0);
}

static int acks(int argc, char **argv) {
    if (argc < 6) fail("acks BROKERS TOPIC PARTITIONS SIZE");
    int partitions = atoi(argv[4]);
    size_t size = (size_t)atoll(argv[5]);
    if (size < 16) fail("a record has at least 16 bytes");
    /* The caller's settings come last and win. */
    char *settings[32] = {strdup("linger.ms=1"), strdup("batch.num.messages=50")};
    int count = 2;
    for (int i = 6; i < argc && count < 32; i++) settings[count++] = argv[i];
    rd_kafka_t *rk = printingProducer(argv[2], "2000", count, settings);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[3], NULL);
    char *bytes = payload(size);
    int64_t number = 0;
    while (isInputOpen()) {
        writeNumber(bytes, number);
        if (rd_kafka_produce(topic, (int32_t)(number % partitions), RD_KAFKA_MSG_F_COPY, bytes, size, NULL, 0, (void *)(intptr_t)number) == 0) number++;
        else if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(rd_kafka_last_error()));
        rd_kafka_poll(rk, number % 100 == 0 ? 2 : 0);
    }
    finishPrinting(rk, number);
    return 0;
}

static int pace(int argc, char **argv) {
    if (argc < 7) fail("pace BROKERS TOPIC PARTITIONS MILLIS SIZE");
    int partitions = atoi(argv[4]);
    int64_t intervalMicros = atoll(argv[5]) * 1000;
    size_t size = (size_t)atoll(argv[6]);
    if (size < 16 || intervalMicros < 1 || partitions < 1) fail("a record has at least 16 bytes, an interval at least a millisecond");
    rd_kafka_t *rk = printingProducer(argv[2], "500000", argc - 7, argv + 7);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[3], NULL);
    char *bytes = payload(size);
    int64_t number = 0;
    for (int64_t due = nowMicros(); isInputOpen(); due += intervalMicros) {
        for (int64_t wait = due - nowMicros(); wait > 0; wait = due - nowMicros()) {
            rd_kafka_poll(rk, 0);
            usleep(wait > 1000 ? 1000 : (useconds_t)wait);
        }
        for (int32_t partition = 0; partition < partitions; partition++) {
            writeNumber(bytes, number);
            if (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, bytes, size, NULL, 0, (void *)(intptr_t)number) == 0) number++;
            else if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail(rd_kafka_err2str(rd_kafka_last_error()));
        }
        rd_kafka_poll(rk, 0);
    }
    finishPrinting(rk, number);
    return 0;
}

static int follow(int argc, char **argv) {
    if (argc < 5) fail("follow BROKERS TOPIC GROUP");
    setvbuf(stdout, NULL, _IOLBF, 1 << 16);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", argv[2]);
    set(conf, "group.id", argv[4]);
    set(conf, "auto.offset.reset", "earliest");
    set(conf, "auto.commit.interval.ms", "500");
    set(conf, "reconnect.backoff.ms", "20");
    set(conf, "reconnect.backoff.max.ms", "200");
    setAll(conf, argc - 5, argv + 5);
    rd_kafka_t *rk = client(RD_KAFKA_CONSUMER, conf);
    rd_kafka_poll_set_consumer(rk);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, argv[3], RD_KAFKA_PARTITION_UA);
    if (rd_kafka_subscribe(rk, topics)) fail("subscribe");
    while (isInputOpen()) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 50);
        if (!m) continue;
        if (!m->err && m->len >= 16)
            printf("got %.16s %d %lld %lld\n", (char *)m->payload, m->partition, (long long)m->offset, (long long)nowMicros());
        rd_kafka_message_destroy(m);
    }
    fflush(stdout);
    rd_kafka_consumer_close(rk);
    _exit(0);
}

int main(int argc, char **argv) {
    if (argc > 1 && !strcmp(argv[1], "produce")) return produce(argc, argv);
    if (argc > 1 && !strcmp(argv[1], "consume")) return consume(argc, argv);
    if (argc > 1 && !strcmp(argv[1], "acks")) return acks(argc, argv);
    if (argc > 1 && !strcmp(argv[1], "pace")) return pace(argc, argv);
    if (argc > 1 && !strcmp(argv[1], "follow")) return follow(argc, argv);
    fail("produce, consume, acks, pace or follow");
}
