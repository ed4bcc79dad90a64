#include <stdio.h>
#include <tidegate.h>

static bool on_event(void *user_data, const char *event) {
    (void)user_data;
    puts(event); /* {"type":"text","index":0,"text":"..."} */
    return true; /* false stops the stream */
}

static int failed(tidegate_error *error) {
    fprintf(stderr, "%s: %s\n", tidegate_error_name(error), tidegate_error_message(error));
    tidegate_error_free(error);
    return 1;
}

int main(void) {
    tidegate_error *error;
    tidegate_gateway *gateway = tidegate_gateway_from_json(
        "{\"routes\": {\"support\": {\"targets\": [\"sim/primary\", \"sim-anthropic/backup\"]}}}", &error);
    if (gateway == NULL) return failed(error);

    char *reply = tidegate_chat(gateway,
        "{\"model\": \"support\", \"team\": \"growth\","
        " \"messages\": [{\"role\": \"user\", \"content\": \"What does a gateway do?\"}]}", &error);
    if (reply == NULL) return failed(error);
    puts(reply); /* text, target, usage, attempts and the rest, as JSON */
    tidegate_string_free(reply);

    if (!tidegate_stream(gateway,
            "{\"model\": \"support\", \"messages\": [{\"role\": \"user\", \"content\": \"Say it word by word\"}]}",
            on_event, NULL, &error)) return failed(error);

    tidegate_gateway_close(gateway);
    return 0;
}
