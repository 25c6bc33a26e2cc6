/*
 * A Kafka for tests: the mock cluster of librdkafka, in a process of its own. Prints its bootstrap servers as a line. Then reads
 * commands, one a line, and answers each with "ok":
 *   errors <api key> <count> <error code>   the next <count> requests of that kind end in the error
 *   down <broker>, up <broker>              cuts a broker off, and lets it be reached again
 * Ends with its input.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s <brokers> <topic> <partitions>\n", argv[0]);
    return 2;
  }
  char reason[512];
  rd_kafka_t *owner = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), reason, sizeof(reason));
  if (owner == NULL) {
    fprintf(stderr, "%s\n", reason);
    return 1;
  }
  rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(owner, atoi(argv[1]));
  if (cluster == NULL || rd_kafka_mock_topic_create(cluster, argv[2], atoi(argv[3]), 1) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    fprintf(stderr, "the mock cluster did not start\n");
    return 1;
  }
  printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  char line[256];
  while (fgets(line, sizeof(line), stdin) != NULL) {
    int api, count, code, broker;
    if (sscanf(line, "errors %d %d %d", &api, &count, &code) == 3) {
      for (int i = 0; i < count; i++)
        rd_kafka_mock_push_request_errors(cluster, (int16_t)api, 1, (rd_kafka_resp_err_t)code);
    } else if (sscanf(line, "down %d", &broker) == 1) {
      rd_kafka_mock_broker_set_down(cluster, broker);
    } else if (sscanf(line, "up %d", &broker) == 1) {
      rd_kafka_mock_broker_set_up(cluster, broker);
    } else {
      fprintf(stderr, "unknown command: %s", line);
      return 2;
    }
    printf("ok\n");
    fflush(stdout);
  }
  rd_kafka_mock_cluster_destroy(cluster);
  rd_kafka_destroy(owner);
  return 0;
}
