import java.io.BufferedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The Java client behind the same contract as rdload.c's: `pace BROKERS TOPIC PARTITIONS MILLIS SIZE [name=value ...]` and
 * `follow BROKERS TOPIC GROUP [name=value ...]`, until standard input ends.
 */
public final class Load {
    private static final PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        watchInput();
        if (arguments[0].equals("pace")) pace(arguments);
        else if (arguments[0].equals("follow")) follow(arguments);
        else throw new IllegalArgumentException(arguments[0]);
    }

    private static long nowMicros() {
        return System.nanoTime() / 1000;
    }

    private static volatile boolean isInputOpen = true;

    /** Reading is the only way to hear of the end. */
    private static void watchInput() {
        Thread watcher = new Thread(() -> {
            try {
                while (System.in.read() >= 0) { }
            } catch (java.io.IOException error) {
                System.err.println(error);
            }
            isInputOpen = false;
        });
        watcher.setDaemon(true);
        watcher.start();
    }

    private static Properties properties(String[] arguments, int from, Map<String, String> own) {
        Properties properties = new Properties();
        properties.putAll(own);
        for (String pair : Arrays.copyOfRange(arguments, from, arguments.length)) {
            properties.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        return properties;
    }

    private static void pace(String[] arguments) throws Exception {
        String topic = arguments[2];
        int partitions = Integer.parseInt(arguments[3]);
        long intervalNanos = Long.parseLong(arguments[4]) * 1_000_000;
        int size = Integer.parseInt(arguments[5]);
        Properties properties = properties(arguments, 6, Map.of("bootstrap.servers", arguments[1], "acks", "all", "linger.ms", "0",
            "reconnect.backoff.ms", "20", "reconnect.backoff.max.ms", "200", "buffer.memory", "134217728"));
        AtomicLong acknowledged = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        long sent = 0;
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(topic);
            for (long due = System.nanoTime(); isInputOpen; due += intervalNanos) {
                for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
                for (int partition = 0; partition < partitions; partition++) {
                    long number = sent++;
                    int to = partition;
                    byte[] value = Arrays.copyOf(String.format("%016d", number).getBytes(StandardCharsets.US_ASCII), size);
                    producer.send(new ProducerRecord<>(topic, to, null, value), (metadata, error) -> {
                        boolean isDone = error == null;
                        (isDone ? acknowledged : failed).incrementAndGet();
                        out.println((isDone ? "ack " : "fail ") + number + " " + to + " " + (isDone ? metadata.offset() : 0) + " " + nowMicros());
                        if (!isDone) System.err.println(error);
                    });
                }
                out.flush();
            }
            producer.flush();
        }
        out.println("{\"sent\":" + sent + ",\"acknowledged\":" + acknowledged + ",\"failed\":" + failed + ",\"unanswered\":" + (sent - acknowledged.get() - failed.get()) + "}");
        out.flush();
        System.exit(acknowledged.get() == sent ? 0 : 1);
    }

    private static void follow(String[] arguments) throws Exception {
        Properties properties = properties(arguments, 4, Map.of("bootstrap.servers", arguments[1], "group.id", arguments[3], "auto.offset.reset", "earliest",
            "auto.commit.interval.ms", "500", "reconnect.backoff.ms", "20", "reconnect.backoff.max.ms", "200"));
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(arguments[2]));
            while (isInputOpen) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    out.println("got " + new String(record.value(), 0, 16, StandardCharsets.US_ASCII) + " " + record.partition() + " " + record.offset() + " " + nowMicros());
                }
                out.flush();
            }
        }
        System.exit(0);
    }
}
