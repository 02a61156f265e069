// Checks custom resources against the schemas of KEDA and the Prometheus operator: a JSON list on stdin; one line for each that is wrong.
import { readFileSync } from "node:fs";
import { kedaSh } from "@kubernetes-models/keda";
import { monitoringCoreosCom } from "@kubernetes-models/prometheus-operator";

const groups = { "keda.sh/v1alpha1": kedaSh.v1alpha1, "monitoring.coreos.com/v1": monitoringCoreosCom.v1 };
let wrong = 0;
const resources = JSON.parse(readFileSync(0, "utf8"));
for (const resource of resources) {
  const Kind = groups[resource.apiVersion]?.[resource.kind];
  try {
    if (!Kind) throw new Error("no schema of it is known here");
    new Kind(resource).validate();
  } catch (error) {
    wrong += 1;
    console.log(`${resource.kind} ${resource.metadata?.name}: ${error.message}`);
  }
}
console.log(`${resources.length} checked, ${wrong} wrong`);
process.exit(wrong ? 1 : 0);
