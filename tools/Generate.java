import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.metadata.placement.UsableBroker;
import org.apache.kafka.tools.reassign.ReassignPartitionsCommand;

/**
 * What `kafka-reassign-partitions --generate` proposes for a cluster that exists only on paper: Kafka's own method for that,
 * which no option of the tool reaches without a cluster. For tools/bench_balance.py; runs from source with Kafka 4's libs on
 * the class path.
 *
 * Input, one a line: `broker ID RACK`, then `partition TOPIC NUMBER ID,ID,…`. Output: `TOPIC NUMBER ID,ID,…`.
 */
public class Generate {
    /** Reads, asks Kafka, prints. */
    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        List<UsableBroker> brokers = new ArrayList<>();
        Map<TopicPartition, List<Integer>> current = new HashMap<>();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("broker")) {
                brokers.add(new UsableBroker(Integer.parseInt(words[1]), Optional.of(words[2]), false));
            } else {
                current.put(new TopicPartition(words[1], Integer.parseInt(words[2])), numbers(words[3]));
            }
        }
        Method calculate = ReassignPartitionsCommand.class.getDeclaredMethod("calculateAssignment", Map.class, List.class);
        calculate.setAccessible(true);
        StringBuilder output = new StringBuilder();
        for (Map.Entry<?, ?> one : ((Map<?, ?>) calculate.invoke(null, current, brokers)).entrySet()) {
            TopicPartition name = (TopicPartition) one.getKey();
            String replicas = ((List<?>) one.getValue()).stream().map(String::valueOf).collect(Collectors.joining(","));
            output.append(name.topic()).append(' ').append(name.partition()).append(' ').append(replicas).append('\n');
        }
        System.out.print(output);
    }

    private static List<Integer> numbers(String text) {
        return List.of(text.split(",")).stream().map(Integer::valueOf).collect(Collectors.toList());
    }
}
