import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * Writes the golden batches of this room with Apache Kafka's own client library ("write"), or reads batches that this
 * room wrote and prints what is in them ("read"). See run.sh; the tests need neither Java nor this program.
 */
public final class Golden {
    static final long TIME = 1_700_000_000_000L;

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static SimpleRecord record(long time, String key, String value, Header... headers) {
        return new SimpleRecord(time, utf8(key), utf8(value), headers);
    }

    static SimpleRecord[] varied(int longRepeats) {
        return new SimpleRecord[] {
            record(TIME, "key", "value"),
            record(TIME + 5, null, "no key"),
            record(TIME - 7, "tombstone", null),
            record(TIME + 1000, "", ""),
            record(TIME + 2000, "headers", "x", new RecordHeader("a", utf8("1")), new RecordHeader("a", utf8("2")),
                new RecordHeader("null", null), new RecordHeader("empty", new byte[0]), new RecordHeader("ünï", utf8("cödé"))),
            record(TIME + 86_400_000L * 365, "long", "abcdefgh".repeat(longRepeats)),
        };
    }

    static MemoryRecordsBuilder builder(Compression compression, TimestampType type, long baseOffset, long producerId,
                                        short epoch, int sequence, boolean transactional, boolean control) {
        return new MemoryRecordsBuilder(ByteBuffer.allocate(1 << 20), RecordBatch.MAGIC_VALUE_V2, compression, type,
            baseOffset, TIME + 42, producerId, epoch, sequence, transactional, control, 7, 1 << 20);
    }

    static void write(Path directory, String name, MemoryRecords records) throws IOException {
        ByteBuffer bytes = records.buffer().duplicate();
        byte[] out = new byte[bytes.remaining()];
        bytes.get(out);
        Files.write(directory.resolve(name + ".batch"), out);
    }

    static MemoryRecords build(MemoryRecordsBuilder builder, SimpleRecord... records) {
        for (SimpleRecord record : records) builder.append(record);
        return builder.build();
    }

    static Compression compression(String name) {
        switch (name) {
            case "none": return Compression.NONE;
            case "gzip": return Compression.gzip().build();
            case "snappy": return Compression.snappy().build();
            case "lz4": return Compression.lz4().build();
            default: return Compression.zstd().build();
        }
    }

    static void writeAll(Path directory) throws IOException {
        for (String name : new String[] {"none", "gzip", "snappy", "lz4", "zstd"}) {
            write(directory, name, build(builder(compression(name), TimestampType.CREATE_TIME, 100, -1, (short) -1, -1, false, false), varied(name.equals("none") ? 30 : 20_000)));
        }
        write(directory, "log-append-time",
            build(builder(Compression.NONE, TimestampType.LOG_APPEND_TIME, 5, -1, (short) -1, -1, false, false), varied(30)));
        write(directory, "idempotent",
            build(builder(Compression.NONE, TimestampType.CREATE_TIME, 0, 4_000_000_000L, (short) 3, 2147483646, false, false), varied(30)));
        write(directory, "transactional",
            build(builder(compression("lz4"), TimestampType.CREATE_TIME, 0, 9_007_199_254_740_991L, (short) 32767, 0, true, false), varied(30)));
        write(directory, "end-transaction", MemoryRecords.withEndTransactionMarker(77, TIME, 7, 12345, (short) 2,
            new EndTransactionMarker(ControlRecordType.COMMIT, 9)));
        // What compaction leaves of a batch whose records are all gone.
        ByteBuffer empty = ByteBuffer.allocate(61);
        org.apache.kafka.common.record.internal.DefaultRecordBatch.writeEmptyHeader(empty, (byte) 2, 12, (short) 1, 4, 10, 14, 7,
            TimestampType.CREATE_TIME, TIME, false, false);
        Files.write(directory.resolve("empty.batch"), empty.array());
    }

    static String text(ByteBuffer bytes) {
        if (bytes == null) return "null";
        byte[] out = new byte[bytes.remaining()];
        bytes.duplicate().get(out);
        return out.length > 40 ? out.length + " bytes" : "'" + new String(out, StandardCharsets.UTF_8) + "'";
    }

    static void readAll(Path file) throws IOException {
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(Files.readAllBytes(file)));
        for (RecordBatch batch : records.batches()) {
            batch.ensureValid();
            System.out.println("batch " + batch.baseOffset() + ".." + batch.lastOffset() + " " + batch.compressionType() + " pid "
                + batch.producerId() + "/" + batch.producerEpoch() + "/" + batch.baseSequence() + ".." + batch.lastSequence()
                + " transactional " + batch.isTransactional() + " control " + batch.isControlBatch() + " max " + batch.maxTimestamp());
            for (Record record : batch) {
                StringBuilder line = new StringBuilder("  " + record.offset() + " " + record.timestamp() + " "
                    + text(record.key()) + " = " + text(record.value()));
                for (Header header : record.headers())
                    line.append(" ").append(header.key()).append(":").append(text(header.value() == null ? null : ByteBuffer.wrap(header.value())));
                System.out.println(line);
            }
        }
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("write")) writeAll(Path.of(arguments[1]));
        else for (int index = 1; index < arguments.length; index++) readAll(Path.of(arguments[index]));
    }
}
