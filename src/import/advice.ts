/** Directives that the gateway needs nothing for: it does the same by itself, or they are about nginx alone. */
const notNeeded = new Set([
  ...[
    'user',
    'pid',
    'daemon',
    'master_process',
    'load_module',
    'env',
    'events',
    'http',
    'server',
    'types',
    'thread_pool',
  ],
  ...['error_log', 'access_log', 'log_format', 'log_not_found', 'open_file_cache', 'default_type', 'charset', 'index'],
  ...['sendfile', 'tcp_nopush', 'tcp_nodelay', 'aio', 'directio', 'output_buffers', 'postpone_output', 'multi_accept'],
  ...['server_tokens', 'server_name_in_redirect', 'port_in_redirect', 'absolute_redirect', 'merge_slashes'],
  ...['reset_timedout_connection', 'lingering_close', 'lingering_time', 'lingering_timeout', 'etag', 'resolver'],
  ...['resolver_timeout', 'keepalive_disable', 'client_header_buffer_size', 'chunked_transfer_encoding', 'zone'],
  ...[
    'proxy_http_version',
    'proxy_request_buffering',
    'proxy_max_temp_file_size',
    'proxy_cache_bypass',
    'proxy_no_cache',
  ],
  ...['proxy_ignore_client_abort', 'proxy_socket_keepalive', 'proxy_next_upstream', 'proxy_next_upstream_tries'],
  ...[
    'proxy_next_upstream_timeout',
    'proxy_headers_hash_max_size',
    'proxy_headers_hash_bucket_size',
    'proxy_send_lowat',
  ],
  ...['proxy_send_timeout', 'proxy_ssl_server_name', 'proxy_ssl_session_reuse', 'proxy_ssl_protocols', 'gzip_proxied'],
  ...[
    'auth_basic_user_file',
    'auth_request_set',
    'auth_delay',
    'secure_link_md5',
    'gzip_vary',
    'gzip_types',
    'gzip_min_length',
    'gzip_comp_level',
    'gzip_disable',
    'gzip_http_version',
  ],
  ...[
    'ssl_ciphers',
    'ssl_prefer_server_ciphers',
    'ssl_dhparam',
    'ssl_ecdh_curve',
    'ssl_stapling',
    'ssl_stapling_verify',
  ],
  ...['ssl_trusted_certificate', 'ssl_buffer_size', 'ssl_early_data', 'ssl_verify_depth', 'ssl_conf_command', 'set'],
  ...['variables_hash_max_size', 'variables_hash_bucket_size', 'proxy_buffers', 'real_ip_recursive', 'limit_req_zone'],
  ...['limit_conn_zone', 'limit_req_status', 'limit_conn_status', 'http2', 'ssl', 'add_header_inherit', 'keepalive'],
]);
const notNeededKinds =
  /^(worker_|proxy_buffer|proxy_busy_|proxy_temp_|client_body_(temp|buffer|in)|server_names_hash|types_hash|ssl_session|gzip_buffers|open_file_cache|http2_|http3|quic|keepalive_(time|requests|timeout)$|\w+_temp_path$)/;

export function isNotNeeded(name: string): boolean {
  return notNeeded.has(name) || notNeededKinds.test(name);
}

const files = 'the gateway serves no files; keep a web server for them, and mount that';
const idle = 'it guards no mount: what it stands around is left out, or has its own';
const others = 'the gateway passes requests on by HTTP alone; keep nginx in between, and mount that';

/** What to do about a directive, where there is more to say than that there is nothing for it. */
const advices: Readonly<Record<string, string>> = {
  ...{ root: files, alias: files, try_files: files, autoindex: files },
  ...{ auth_basic: idle, auth_request: idle, auth_jwt: idle, limit_req: idle, limit_conn: idle, limit_except: idle },
  ...{ allow: idle, deny: idle, valid_referers: idle, secure_link: idle },
  proxy_set_header: 'no mount has it: their locations have fields of their own, or are left out',
  ...{ fastcgi_pass: others, uwsgi_pass: others, scgi_pass: others, grpc_pass: others, memcached_pass: others },
  limit_rate: 'the gateway slows nobody down',
  satisfy: 'the gateway asks for addresses alone; look at allow of the mount',
  gzip: 'the gateway compresses nothing; let the tool do it',
  add_header: "the gateway adds no fields to a tool's answers; let the tool send it",
  proxy_hide_header: "the gateway takes no fields out of a tool's answers",
  proxy_pass_header: 'every field of an answer is passed on but for hop-by-hop ones',
  proxy_cookie_domain:
    "the gateway leaves out a cookie's Domain that names the tool, also by names of the mount, and changes no other",
  proxy_cookie_flags: 'the gateway leaves the flags of cookies alone; let the tool set them',
  proxy_cache: 'the gateway keeps no answers',
  proxy_ssl_name: 'the name in target is the one that the certificate has to have',
  proxy_intercept_errors: 'the answers of a tool reach people as they are',
  error_page: 'the gateway has failure pages of its own; the answers of a tool reach people as they are',
  sub_filter: 'the gateway leaves pages alone; see docs/configuration.md, prefix',
  if: 'the gateway decides by path alone',
  return: 'the gateway sends nobody elsewhere, but to https and to the slash behind a mount; let the tool do it',
  rewrite: 'the gateway changes no path but by prefix: strip; let the tool do it',
  stream: others,
  mail: others,
  map: 'the gateway has no variables',
  geo: 'the gateway has no variables; for addresses there is allow of the mount',
  split_clients: 'the gateway has no variables',
  ssl_crl: 'the gateway reads no revocation lists; give the authority in clientCa away to nobody else',
  ssl_password_file: 'the key has to be without a password; make one with openssl pkey',
  listen: 'the gateway has one port for https and one for http',
};

export function adviceFor(name: string): string {
  return advices[name] ?? 'the gateway has nothing for it; see whether the tool can do it, and what it is needed for';
}
