import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** One OpenSearch node for tests, without security. Arguments: home folder, address to listen on. */
public final class SearchServer extends Node {
    private SearchServer(Environment environment) {
        super(environment, List.of(Netty4Plugin.class), false);
    }

    public static void main(String[] arguments) throws Exception {
        Settings settings = Settings.builder()
            .put("path.home", arguments[0])
            .put("network.host", arguments[1])
            .put("discovery.type", "single-node")
            .build();
        Path home = Path.of(arguments[0]);
        Node node = new SearchServer(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), home, () -> "search"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (Exception error) {
                error.printStackTrace();
            }
        }));
        node.start();
        Thread.currentThread().join();
    }
}
