import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Registers beans as Kafka would: reads "name | attribute=value attribute=value" lines up to an empty one, says "ready",
 * and stays until its input ends. For tools/bench_jmx.py, which runs it with the JMX exporter as its agent.
 */
public final class SyntheticBeans {
    /** A bean of constant values; a value that is no number is a word. */
    private static final class Constant implements DynamicMBean {
        private final Map<String, Object> values = new LinkedHashMap<>();
        private final MBeanInfo info;

        Constant(String[] attributes) {
            for (String attribute : attributes) {
                int sign = attribute.indexOf('=');
                values.put(attribute.substring(0, sign), value(attribute.substring(sign + 1)));
            }
            info = new MBeanInfo(
                    Constant.class.getName(),
                    "",
                    values.entrySet().stream()
                            .map(one -> new MBeanAttributeInfo(
                                    one.getKey(), one.getValue().getClass().getName(), "", true, false, false))
                            .toArray(MBeanAttributeInfo[]::new),
                    null,
                    null,
                    null);
        }

        private static Object value(String text) {
            try {
                return Double.valueOf(text);
            } catch (NumberFormatException word) {
                return text;
            }
        }

        @Override
        public Object getAttribute(String name) throws AttributeNotFoundException {
            Object value = values.get(name);
            if (value == null) {
                throw new AttributeNotFoundException(name);
            }
            return value;
        }

        @Override
        public AttributeList getAttributes(String[] names) {
            AttributeList found = new AttributeList(names.length);
            for (String name : names) {
                found.add(new Attribute(name, values.get(name)));
            }
            return found;
        }

        @Override
        public void setAttribute(Attribute attribute) {
            throw new UnsupportedOperationException();
        }

        @Override
        public AttributeList setAttributes(AttributeList attributes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object invoke(String action, Object[] parameters, String[] signature) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MBeanInfo getMBeanInfo() {
            return info;
        }
    }

    private SyntheticBeans() {}

    /** Registers what the input names. */
    public static void main(String[] arguments) throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null && !line.isEmpty(); line = input.readLine()) {
            int bar = line.indexOf(" | ");
            server.registerMBean(new Constant(line.substring(bar + 3).split(" ")), new ObjectName(line.substring(0, bar)));
        }
        System.out.println("ready");
        while (input.readLine() != null) {
            // stay
        }
    }
}
