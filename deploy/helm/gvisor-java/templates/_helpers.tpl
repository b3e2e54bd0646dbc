{{- define "gvj.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "gvj.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "gvj.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "gvj.name" .) }}
{{- end }}

{{- define "gvj.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gvj.labels" -}}
{{ include "gvj.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* What installs, or uninstalls: .command, and .root for the chart. The node's name comes with it. */}}
{{- define "gvj.nodeContainer" -}}
{{- $i := .root.Values.installer -}}
- name: {{ .command }}
  image: {{ include "gvj.image" .root | quote }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args:
    - {{ .command }}
    - --release={{ .root.Chart.AppVersion }}
    - --prefix={{ $i.prefix }}
    - --bin={{ $i.bin }}
    - --config={{ $i.containerd.config }}
    - --options={{ $i.containerd.options }}
    - --socket={{ $i.containerd.socket }}
    - {{ printf "--restart=%s" $i.containerd.restart | quote }}
    - --runtime-path={{ $i.containerd.runtimePath }}
    - --handler={{ .root.Values.runtimeClass.handler }}
    {{- $flags := list }}
    {{- range $name, $value := $i.flags }}{{ $flags = append $flags (printf "%s=%v" $name $value) }}{{ end }}
    - {{ printf "--flags=%s" (join "," $flags) | quote }}
  env:
    - name: GVJ_AGENT_NODE
      valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
  securityContext: {privileged: true}
  volumeMounts:
    - {name: host, mountPath: /host, mountPropagation: HostToContainer}
{{- end }}
