import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.AppInfoParser;

/** The producer and the consumer of kafka-clients behind the contract of all drivers (described in drivers/node/contract.ts). */
public final class Driver {
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static volatile boolean leaving = false;
  private static String bootstrap;

  private record Job(String op, Map<String, String> words) {
    String text(String name) {
      String value = words.get(name);
      if (value == null) throw new IllegalArgumentException(op + " lacks " + name);
      return value;
    }

    long number(String name) {
      return Long.parseLong(text(name));
    }
  }

  private static final class Lane {
    final TopicPartition partition;
    final long until;
    long next;

    Lane(String item) {
      String[] parts = item.split(":");
      partition = new TopicPartition(parts[0], Integer.parseInt(parts[1]));
      next = Long.parseLong(parts[2]);
      until = Long.parseLong(parts[3]);
    }
  }

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    LinkedBlockingQueue<Job> jobs = new LinkedBlockingQueue<>();
    Thread listener = new Thread(() -> listen(jobs));
    listener.setDaemon(true);
    listener.start();
    OUT.println("{\"event\":\"ready\",\"version\":\"kafka-clients " + AppInfoParser.getVersion() + "\"}");
    for (Job job = jobs.take(); !job.op.equals("end"); job = jobs.take()) {
      try {
        OUT.println("{\"id\":" + job.number("id") + ",\"event\":\"done\",\"count\":" + run(job) + "}");
      } catch (Exception error) {
        Throwable cause = error.getCause() == null ? error : error.getCause();
        OUT.println("{\"id\":" + job.number("id") + ",\"event\":\"error\",\"message\":" + quoted(cause.toString()) + "}");
      }
    }
  }

  private static void listen(LinkedBlockingQueue<Job> jobs) {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split("\t");
        if (words[0].equals("leave")) {
          leaving = true;
          continue;
        }
        Map<String, String> values = new HashMap<>();
        for (int i = 1; i < words.length; i++) {
          int equals = words[i].indexOf('=');
          values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
        }
        jobs.add(new Job(words[0], values));
      }
    } catch (IOException ignored) {
      // The end of input, in whatever way, is the end of the driver.
    }
    leaving = true;
    jobs.add(new Job("end", Map.of()));
  }

  private static long run(Job job) throws Exception {
    return switch (job.op) {
      case "produce" -> produce(job);
      case "consume" -> consume(job);
      default -> member(job);
    };
  }

  private static long produce(Job job) throws Exception {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    config.put("client.id", "interop-java");
    config.put("acks", job.text("acks"));
    config.put("enable.idempotence", String.valueOf(job.text("acks").equals("all")));
    config.put("compression.type", job.text("codec"));
    config.put("linger.ms", "5");
    config.put("batch.size", "65536");
    config.put("delivery.timeout.ms", "15000");
    config.put("request.timeout.ms", "10000");
    config.put("max.block.ms", "15000");
    if (!job.text("acks").equals("all")) config.put("max.in.flight.requests.per.connection", "1");
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(Path.of(job.text("records"))));
      while (file.hasRemaining()) sent.add(producer.send(next(file, job.text("topic"))));
      producer.flush();
      for (Future<RecordMetadata> one : sent) one.get(20, TimeUnit.SECONDS);
      return sent.size();
    }
  }

  private static ProducerRecord<byte[], byte[]> next(ByteBuffer file, String topic) {
    int partition = file.getInt();
    file.getLong();
    long timestamp = file.getLong();
    byte[] key = bytes(file);
    byte[] value = bytes(file);
    List<Header> headers = new ArrayList<>();
    int count = file.getInt();
    for (int i = 0; i < count; i++) {
      String name = new String(bytes(file), StandardCharsets.UTF_8);
      headers.add(new RecordHeader(name, bytes(file)));
    }
    return new ProducerRecord<>(topic, partition, timestamp < 0 ? null : timestamp, key, value, headers);
  }

  private static byte[] bytes(ByteBuffer file) {
    int length = file.getInt();
    if (length < 0) return null;
    byte[] bytes = new byte[length];
    file.get(bytes);
    return bytes;
  }

  private static Properties consumerConfig() {
    Properties config = new Properties();
    config.put("bootstrap.servers", bootstrap);
    config.put("client.id", "interop-java");
    config.put("enable.auto.commit", "false");
    config.put("fetch.max.wait.ms", "100");
    config.put("default.api.timeout.ms", "15000");
    config.put("allow.auto.create.topics", "false");
    return config;
  }

  private static long consume(Job job) throws Exception {
    List<Lane> lanes = new ArrayList<>();
    Map<TopicPartition, Integer> laneOf = new HashMap<>();
    for (String item : job.text("assign").split(",")) {
      laneOf.put(new Lane(item).partition, lanes.size());
      lanes.add(new Lane(item));
    }
    Properties config = consumerConfig();
    config.put("auto.offset.reset", "none");
    config.put("max.poll.records", "5000");
    long deadline = System.nanoTime() + job.number("timeout-ms") * 1_000_000;
    long count = 0;
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        DataOutputStream out = output(job)) {
      consumer.assign(laneOf.keySet());
      for (Lane lane : lanes) consumer.seek(lane.partition, lane.next);
      for (String waiting = waiting(lanes); !waiting.isEmpty(); waiting = waiting(lanes)) {
        if (System.nanoTime() > deadline) throw new TimeoutException("time-out, still waiting for" + waiting);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          int lane = laneOf.get(new TopicPartition(record.topic(), record.partition()));
          Lane at = lanes.get(lane);
          if (record.offset() < at.next || record.offset() >= at.until) continue;
          write(out, lane, record);
          at.next = record.offset() + 1;
          count++;
        }
      }
    }
    return count;
  }

  private static String waiting(List<Lane> lanes) {
    StringBuilder words = new StringBuilder();
    for (Lane lane : lanes) if (lane.next < lane.until) words.append(' ').append(lane.partition).append('@').append(lane.next).append('<').append(lane.until);
    return words.toString();
  }

  private static long member(Job job) throws Exception {
    Properties config = consumerConfig();
    config.put("group.id", job.text("group"));
    config.put("auto.offset.reset", "earliest");
    config.put("max.poll.records", "100");
    config.put("session.timeout.ms", job.text("session-ms"));
    config.put("heartbeat.interval.ms", "500");
    config.put("max.poll.interval.ms", job.text("session-ms"));
    long most = job.number("max-records");
    long count = 0;
    Set<Integer> assigned = null;
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        DataOutputStream out = output(job)) {
      consumer.subscribe(List.of(job.text("topic")));
      while (!leaving && (most == 0 || count < most)) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(200));
        Set<Integer> now = new TreeSet<>();
        for (TopicPartition one : new HashSet<>(consumer.assignment())) now.add(one.partition());
        if (!now.equals(assigned)) {
          assigned = now;
          OUT.println("{\"id\":" + job.number("id") + ",\"event\":\"assignment\",\"partitions\":" + now + "}");
        }
        if (records.isEmpty()) continue;
        for (ConsumerRecord<byte[], byte[]> record : records) write(out, record.partition(), record);
        out.flush();
        commit(consumer);
        count += records.count();
      }
    } finally {
      leaving = false;
    }
    return count;
  }

  /** A commit that a rebalance refuses is no failure: the records come again to their new owner. */
  private static void commit(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      consumer.commitSync();
    } catch (CommitFailedException | RebalanceInProgressException refused) {
      // See above.
    }
  }

  private static DataOutputStream output(Job job) throws IOException {
    OutputStream file = Files.newOutputStream(Path.of(job.text("out")));
    return new DataOutputStream(new BufferedOutputStream(file, 1 << 16));
  }

  /** One write for a record, so that a killed driver leaves at most its last record cut off. */
  private static void write(DataOutputStream out, int lane, ConsumerRecord<byte[], byte[]> record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    DataOutputStream data = new DataOutputStream(bytes);
    data.writeInt(lane);
    data.writeLong(record.offset());
    data.writeLong(record.timestamp());
    write(data, record.key());
    write(data, record.value());
    Header[] headers = record.headers().toArray();
    data.writeInt(headers.length);
    for (Header header : headers) {
      write(data, header.key().getBytes(StandardCharsets.UTF_8));
      write(data, header.value());
    }
    bytes.writeTo(out);
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) out.write(bytes);
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < ' ') json.append(String.format("\\u%04x", (int) c));
      else json.append(c);
    }
    return json.append('"').toString();
  }
}
