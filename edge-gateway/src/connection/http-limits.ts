const KIB = 1_024;

/** The limits of one client's use of the gateway's time and memory. */
export const HTTP_LIMITS = {
  /** Of Node's HTTP/1.1 and HTTP/2 server. */
  server: {
    maxHeaderSize: 16 * KIB,
    /** Answered by the gateway itself, with problem details. */
    requireHostHeader: false,
    /** From the first byte of a request to the last of its headers. */
    headersTimeout: 10_000,
    /** To the last of its body: as long as the longest deadline, for client streams. */
    requestTimeout: 610_000,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 72_000,
    /** A peer that vanished without a word is found out by TCP's own probes, some 25 seconds after its last one. */
    keepAlive: true,
    keepAliveInitialDelay: 15_000,
    handshakeTimeout: 10_000,
    /**
     * Node resets streams whose headers are larger, without an answer. Those between 16 KiB and this get their 431; the library
     * beneath takes no more in any case.
     */
    settings: { maxConcurrentStreams: 128, maxHeaderListSize: 64 * KIB },
    maxHeaderListPairs: 2_048,
  },
  fastify: {
    bodyLimit: 1_024 * KIB,
    http2SessionTimeout: 72_000,
  },
} as const;
