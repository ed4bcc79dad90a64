package tidegate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The same gateway from Java. */
class JavaTest {
    private static final String HANGING = "{\"clock\": \"stopped\", \"upstreams\": {\"a.test\": {\"then\": {\"end\": \"hang\"}}}}";
    private static final String CONFIG = "{\"providers\": {\"a\": {\"protocol\": \"openai-chat\", \"base_url\": \"http://a.test/v1\"}}}";

    @Test
    void chatsWithAThread() throws Exception {
        try (Gateway live = new Gateway(); Sim sim = Sim.fromJson("{}"); Gateway gateway = live.withSim(sim)) {
            ChatRequest request = new ChatRequest("sim/x", List.of(Tidegate.user("hi")));
            request.setTeam("growth");
            request.setMaxTokens(100);
            Response reply = Tidegate.chatBlocking(gateway, request);
            assertFalse(reply.getText().isEmpty());
            assertTrue(reply.getUsage().getInputTokens() > 0);
            assertEquals(Role.ASSISTANT, Tidegate.getMessage(reply).getRole());
        }
    }

    @Test
    void streamsWithAThread() throws Exception {
        try (Gateway live = new Gateway(); Sim sim = Sim.fromJson("{}"); Gateway gateway = live.withSim(sim)) {
            ChatRequest request = new ChatRequest("sim/x", List.of(Tidegate.user("hi")));
            try (var events = Tidegate.streamBlocking(gateway, request)) {
                String text = events.map(Tidegate::getText).filter(piece -> piece != null).collect(Collectors.joining());
                assertEquals(Tidegate.chatBlocking(gateway, request).getText(), text);
            }
        }
    }

    @Test
    void leavesAStream() throws Exception {
        String first = "{\"clock\": \"stopped\", \"upstreams\": {\"a.test\": {\"then\": {\"body\": ["
            + "{\"sse\": {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"first\"}}]}}], \"end\": \"hang\"}}}}";
        try (Gateway live = new Gateway(CONFIG); Sim sim = Sim.fromJson(first); Gateway gateway = live.withSim(sim)) {
            try (var events = Tidegate.streamBlocking(gateway, new ChatRequest("a/m", List.of(Tidegate.user("hi"))))) {
                assertEquals("first", events.map(Tidegate::getText).filter(text -> text != null).findFirst().get());
            }
            while (!sim.requests().get(0).contains("\"closed_by\":\"client\"")) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void closesAStreamThatAnotherThreadReads() throws Exception {
        try (Gateway live = new Gateway(CONFIG); Sim sim = Sim.fromJson(HANGING); Gateway gateway = live.withSim(sim)) {
            var events = Tidegate.streamBlocking(gateway, new ChatRequest("a/m", List.of(Tidegate.user("hi"))));
            var read = new FutureTask<>(events::count);
            Thread reader = new Thread(read);
            reader.start();
            while (reader.getState() != Thread.State.WAITING && reader.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            events.close();
            var failed = assertThrows(ExecutionException.class, read::get);
            assertInstanceOf(TidegateException.Cancelled.class, failed.getCause());
            while (!sim.requests().get(0).contains("\"closed_by\":\"client\"")) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void asksWithAFuture() throws Exception {
        try (Gateway live = Gateway.fromToml(""); Sim sim = Sim.fromJson("{}"); Gateway gateway = live.withSim(sim)) {
            ChatRequest request = new ChatRequest("nowhere", List.of(Tidegate.user("hi")));
            var failed = assertThrows(ExecutionException.class, () -> Tidegate.chatAsync(gateway, request).get());
            var error = assertInstanceOf(TidegateException.NoRoute.class, failed.getCause());
            assertEquals(Kind.NO_ROUTE, error.getKind());
        }
    }

    @Test
    void cancelsAFuture() throws Exception {
        try (Gateway live = new Gateway(CONFIG); Sim sim = Sim.fromJson(HANGING); Gateway gateway = live.withSim(sim)) {
            var reply = Tidegate.chatAsync(gateway, new ChatRequest("a/m", List.of(Tidegate.user("hi"))));
            while (sim.requests().isEmpty()) {
                Thread.onSpinWait();
            }
            reply.cancel(true);
            assertThrows(CancellationException.class, reply::get);
            while (!sim.requests().get(0).contains("\"closed_by\":\"client\"")) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void givesFunctions() throws Exception {
        String checked = "{\"routes\": {\"r\": {\"targets\": [\"sim/small\", \"sim/large\"], \"reject\": {\"check\": \"size\"}}},"
            + " \"defaults\": {\"breaker\": {\"failures\": 1}}}";
        var told = new LinkedBlockingQueue<TargetHealth>();
        try (Gateway plain = new Gateway(checked);
                Gateway gateway = Tidegate.withCheck(plain, "size", reply -> reply.getTarget().equals("sim/small") ? "small" : null);
                Subscription subscription = Tidegate.observeHealth(gateway, told::add)) {
            ChatRequest request = new ChatRequest("r", List.of(Tidegate.user("hi")));
            assertEquals("sim/large", Tidegate.chatBlocking(gateway, request).getTarget());
            request = new ChatRequest("sim/x", List.of(Tidegate.user("hi")));
            Tidegate.chatBlocking(gateway, request);
            assertThrows(TidegateException.Config.class, () -> Tidegate.watch(gateway, 1.0));
            assertThrows(TidegateException.Config.class, () -> Tidegate.watch(gateway, 1.0, error -> { }));
            assertTrue(told.isEmpty());
        }
    }
}
