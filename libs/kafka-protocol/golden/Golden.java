import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Scanner;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/**
 * Prints what Kafka's own classes write: one JSON object per line, for every message named on standard input as
 * "Name class versionMin versionMax". Values come from a seed, so the output is the same each time.
 *
 * The schema of the version says which fields there are, of which type; the values are set and read back by reflection.
 */
public final class Golden {
    private static final String[] VARIANTS = {"default", "empty", "null", "untagged", "random", "random2"};
    private final Random random;
    private final String variant;

    private Golden(long seed, String variant) {
        this.random = new Random(seed);
        this.variant = variant;
    }

    public static void main(String[] args) throws Exception {
        System.setOut(new PrintStream(System.out, false, "UTF-8"));
        Scanner lines = new Scanner(System.in, "UTF-8");
        while (lines.hasNextLine()) {
            String[] words = lines.nextLine().split(" ");
            for (int v = Integer.parseInt(words[2]); v <= Integer.parseInt(words[3]); v++) {
                for (String variant : VARIANTS) print(words[0], Class.forName(words[1]), (short) v, variant);
            }
        }
        System.out.flush();
    }

    private static void print(String name, Class<?> type, short version, String variant) throws Exception {
        Schema schema = (Schema) type.getField("SCHEMA_" + version).get(null);
        Golden golden = new Golden((name + version + variant).hashCode(), variant);
        Message message = (Message) type.getConstructor().newInstance();
        if (!variant.equals("default")) golden.fill(message, schema);
        String json = golden.json(message, schema);
        StringBuilder line = new StringBuilder("{\"name\":\"" + name + "\",\"version\":" + version);
        line.append(",\"variant\":\"" + variant + "\",\"bytes\":\"" + bytes(message, version) + "\"");
        if (golden.addUnknownTags(message, schema)) line.append(",\"withUnknownTags\":\"" + bytes(message, version) + "\"");
        System.out.println(line.append(",\"value\":" + json + "}"));
    }

    private static String bytes(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        if (buffer.hasRemaining()) throw new IllegalStateException("size and content differ");
        return Base64.getEncoder().encodeToString(buffer.array());
    }

    /** The fields of a version, tagged ones included, by Kafka's snake-case names. */
    private static Map<String, org.apache.kafka.common.protocol.types.Field> fields(Schema schema, boolean tagged) throws Exception {
        Map<String, org.apache.kafka.common.protocol.types.Field> found = new LinkedHashMap<>();
        for (var bound : schema.fields()) {
            if (!(bound.def.type instanceof TaggedFields)) found.put(bound.def.name, bound.def);
            else if (tagged) for (var field : tagged((TaggedFields) bound.def.type)) found.put(field.name, field);
        }
        return found;
    }

    /** 3.9 has no accessor for them. */
    @SuppressWarnings("unchecked")
    private static Collection<org.apache.kafka.common.protocol.types.Field> tagged(TaggedFields type) throws Exception {
        Field fields = TaggedFields.class.getDeclaredField("fields");
        fields.setAccessible(true);
        return ((Map<Integer, org.apache.kafka.common.protocol.types.Field>) fields.get(type)).values();
    }

    private static boolean isFlexible(Schema schema) {
        for (var bound : schema.fields()) if (bound.def.type instanceof TaggedFields) return true;
        return false;
    }

    private static Field java(Object message, String snake) throws Exception {
        for (Field field : message.getClass().getDeclaredFields()) {
            if (snakeOf(field.getName()).equals(snake)) {
                field.setAccessible(true);
                return field;
            }
        }
        throw new IllegalStateException(message.getClass() + " has no field " + snake);
    }

    /** Kafka starts a word at a capital that follows a small letter; the first letter counts as a capital ("kRaft" is one word). */
    private static String snakeOf(String name) {
        String capitalized = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
        return capitalized.replaceAll("(?<![A-Z]|^)([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private void fill(Object message, Schema schema) throws Exception {
        for (var field : fields(schema, !variant.equals("untagged")).values()) {
            Field target = java(message, field.name);
            target.set(message, value(field.type, target));
        }
    }

    private Object value(Type type, Field target) throws Exception {
        if (type.isNullable() && (variant.equals("null") || random.nextInt(8) == 0 && !variant.equals("empty"))) return null;
        if (type.arrayElementType().isPresent()) return array(type.arrayElementType().get(), target);
        if (type instanceof Schema) {
            Object inner = target.getType().getConstructor().newInstance();
            fill(inner, (Schema) type);
            return inner;
        }
        return primitive(type.toString(), target.getType());
    }

    @SuppressWarnings("unchecked")
    private Object array(Type element, Field target) throws Exception {
        Collection<Object> values;
        Class<?> elementClass;
        if (target.getType() == List.class) {
            values = new ArrayList<>();
            elementClass = (Class<?>) ((ParameterizedType) target.getGenericType()).getActualTypeArguments()[0];
        } else {
            values = (Collection<Object>) target.getType().getConstructor().newInstance();
            elementClass = (Class<?>) ((ParameterizedType) target.getType().getGenericSuperclass()).getActualTypeArguments()[0];
        }
        int length = variant.equals("empty") ? 0 : 1 + random.nextInt(3);
        for (int i = 0; i < length; i++) {
            if (element instanceof Schema) {
                Object inner = elementClass.getConstructor().newInstance();
                fill(inner, (Schema) element);
                values.add(inner);
            } else {
                values.add(primitive(element.toString(), elementClass));
            }
        }
        return values;
    }

    private Object primitive(String type, Class<?> target) throws Exception {
        switch (type) {
            case "BOOLEAN": return random.nextBoolean();
            case "INT8": return (byte) random.nextInt();
            case "INT16": return (short) random.nextInt();
            case "UINT16": return random.nextInt(65536);
            case "INT32": return random.nextInt(4) == 0 ? random.nextInt(200) - 1 : random.nextInt();
            case "INT64": return int64();
            case "UUID": return new Uuid(random.nextLong(), random.nextLong());
            default:
        }
        if (type.contains("STRING")) return variant.equals("empty") ? "" : string();
        byte[] bytes = new byte[variant.equals("empty") ? 0 : random.nextInt(10) == 0 ? 1500 : random.nextInt(40)];
        // Only some of the bytes are random: the files stay small.
        for (int i = 0; i < Math.min(bytes.length, 32); i++) bytes[i] = (byte) random.nextInt();
        if (type.contains("RECORDS")) return records(ByteBuffer.wrap(bytes));
        if (type.contains("BYTES")) return target == ByteBuffer.class ? ByteBuffer.wrap(bytes) : bytes;
        throw new IllegalStateException("type " + type);
    }

    /** Record bytes; the class moved to another package between the releases. */
    private static Object records(ByteBuffer bytes) throws Exception {
        Class<?> type;
        try {
            type = Class.forName("org.apache.kafka.common.record.internal.MemoryRecords");
        } catch (ClassNotFoundException older) {
            type = Class.forName("org.apache.kafka.common.record.MemoryRecords");
        }
        return type.getMethod("readableRecords", ByteBuffer.class).invoke(null, bytes);
    }

    /** Numbers that a double holds exactly. */
    private long int64() {
        switch (random.nextInt(4)) {
            case 0: return random.nextInt(100) - 1;
            case 1: return random.nextBoolean() ? 9007199254740991L : -9007199254740991L;
            default: return random.nextLong() >> 10 >> random.nextInt(30);
        }
    }

    private String string() {
        StringBuilder text = new StringBuilder();
        boolean ascii = random.nextInt(3) != 0;
        int length = random.nextInt(12) == 0 ? 60 + random.nextInt(120) : random.nextInt(14);
        for (int i = 0; i < length; i++) {
            int kind = ascii ? 0 : random.nextInt(6);
            if (kind == 1) text.append('\u00e9');
            else if (kind == 2) text.append('\u6f22');
            else if (kind == 3) text.appendCodePoint(0x1F600);
            else text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    /** Adds tags that nobody has defined to every struct; answers whether the version has tags at all. */
    private boolean addUnknownTags(Object message, Schema schema) throws Exception {
        if (!variant.startsWith("random") || !isFlexible(schema)) return false;
        for (var field : fields(schema, true).values()) {
            Type type = field.type.arrayElementType().orElse(field.type);
            if (!(type instanceof Schema)) continue;
            Object value = java(message, field.name).get(message);
            if (value == null) continue;
            for (Object inner : value instanceof Collection ? (Collection<?>) value : List.of(value)) {
                addUnknownTags(inner, (Schema) type);
            }
        }
        List<RawTaggedField> unknown = ((Message) message).unknownTaggedFields();
        unknown.add(new RawTaggedField(1000, new byte[] {1, 2, 3}));
        if (random.nextBoolean()) unknown.add(new RawTaggedField(70000, new byte[random.nextInt(200)]));
        return true;
    }

    private String json(Object message, Schema schema) throws Exception {
        List<String> parts = new ArrayList<>();
        for (var field : fields(schema, true).values()) {
            Field source = java(message, field.name);
            parts.add("\"" + source.getName() + "\":" + jsonValue(source.get(message), field.type));
        }
        return "{" + String.join(",", parts) + "}";
    }

    private String jsonValue(Object value, Type type) throws Exception {
        if (value == null) return "null";
        if (type instanceof Schema) return json(value, (Schema) type);
        if (value instanceof Collection) {
            List<String> parts = new ArrayList<>();
            for (Object element : (Collection<?>) value) parts.add(jsonValue(element, type.arrayElementType().get()));
            return "[" + String.join(",", parts) + "]";
        }
        if (value instanceof Number || value instanceof Boolean) return value.toString();
        if (value instanceof String || value instanceof Uuid) return quoted(value.toString());
        if (value instanceof byte[]) return quoted(Base64.getEncoder().encodeToString((byte[]) value));
        ByteBuffer buffer = value instanceof ByteBuffer ? ((ByteBuffer) value).duplicate() : (ByteBuffer) value.getClass().getMethod("buffer").invoke(value);
        return quoted(Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), buffer.limit())));
    }

    /** Generated strings hold nothing that JSON would escape. */
    private static String quoted(String text) {
        return "\"" + text + "\"";
    }
}
