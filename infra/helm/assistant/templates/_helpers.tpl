{{- define "assistant.name" -}}
{{- if contains "assistant" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-assistant" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "assistant.labels" -}}
app.kubernetes.io/name: assistant
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* What selects the pods of a part: (dict "root" $ "part" "api") */}}
{{- define "assistant.selector" -}}
app.kubernetes.io/name: assistant
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{/* The same on one line. */}}
{{- define "assistant.flow" -}}
{app.kubernetes.io/name: assistant, app.kubernetes.io/instance: {{ .root.Release.Name }}, app.kubernetes.io/component: {{ .part }}}
{{- end }}

{{/* Labels and annotations of a pod; it is started again where settings change. */}}
{{- define "assistant.podMetadata" -}}
labels:
  {{- include "assistant.selector" . | nindent 2 }}
annotations:
  checksum/settings: {{ include (print .root.Template.BasePath "/settings.yaml") .root | sha256sum }}
{{- end }}

{{- define "assistant.image" -}}
{{- $images := .root.Values.images }}
image: {{ printf "%s%s:%s" $images.registry (index $images .image) ($images.tag | default .root.Chart.AppVersion) | quote }}
imagePullPolicy: {{ $images.pullPolicy }}
{{- end }}

{{/* What every pod has: no rights in the cluster, none on its node. */}}
{{- define "assistant.podSpec" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.images.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Pods of a part on different nodes, as far as there are some. */}}
{{- define "assistant.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: {matchLabels: {{ include "assistant.flow" . }}}
{{- end }}

{{- define "assistant.securityContext" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{/* Settings and the secret's file, for the parts that work on the home. */}}
{{- define "assistant.environment" -}}
envFrom:
  - configMapRef: {name: {{ include "assistant.name" . }}}
{{- end }}

{{/* The cores that a part's resources grant, rounded up: the limit, else what is asked for. */}}
{{- define "assistant.cores" -}}
{{- $cpu := toString (dig "limits" "cpu" (dig "requests" "cpu" 1 .) .) }}
{{- if hasSuffix "m" $cpu }}{{ max 1 (div (add (trimSuffix "m" $cpu | int) 999) 1000) }}{{ else }}{{ max 1 (ceil (float64 $cpu) | int) }}{{ end }}
{{- end }}

{{/* How much a pod does at once, else it would go by its node's cores: (dict "root" $ "resources" … "parsers" N) */}}
{{- define "assistant.atOnce" -}}
{{- $settings := .root.Values.settings }}
{{- if not $settings.threads }}
- {name: ASSISTANT_THREADS, value: "{{ include "assistant.cores" .resources }}"}
{{- end }}
{{- if not $settings.parse_workers }}
- {name: ASSISTANT_PARSE_WORKERS, value: "{{ .parsers }}"}
{{- end }}
{{- end }}

{{- define "assistant.mounts" -}}
volumeMounts:
  - {name: home, mountPath: /data}
  - {name: tmp, mountPath: /tmp}
  - {name: secret, mountPath: /run/secrets/assistant, readOnly: true}
{{- end }}

{{- define "assistant.volumes" -}}
volumes:
  - name: home
    persistentVolumeClaim: {claimName: {{ .Values.home.existingClaim | default (include "assistant.name" .) }}}
  - name: tmp
    emptyDir: {sizeLimit: 4Gi}
  - name: secret
    secret: {secretName: {{ .Values.secret }}, items: [{key: assistant.toml, path: assistant.toml}]}
{{- end }}
