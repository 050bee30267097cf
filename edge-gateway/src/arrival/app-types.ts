import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Logger } from '@malla/chassis/logger';
import type { VerifiedToken } from '@malla/chassis/token-verifier';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteGenericInterface } from 'fastify';
import type { AssembledRequest } from '../transcoding/request/request-assembler.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';

/** The gateway's Fastify instance: HTTP/2 and HTTP/1.1 over TLS, logging by pino. */
export type App = FastifyInstance<Http2SecureServer, Http2ServerRequest, Http2ServerResponse, Logger>;
export type Request = FastifyRequest<RouteGenericInterface, Http2SecureServer, Http2ServerRequest>;
export type Reply = FastifyReply<RouteGenericInterface, Http2SecureServer, Http2ServerRequest, Http2ServerResponse>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The translation of the RPC that the route leads to. */
    transcoder?: Transcoder;
    /** The headers of an answer that a browser shows, in place of those for data. */
    securityHeaders?: Readonly<Record<string, string>>;
    /** The route as logs name it: its path template. */
    routeName?: string;
  }
  interface FastifyRequest {
    /** The length in bytes of a body that was read as a whole. */
    bodyBytes: number;
    /** The client's address in the form of `clientAddress`: what is counted, logged and passed on. */
    clientAddress: string;
    /** W3C Trace Context, accepted or made. */
    traceparent: string;
    /** The verified access token; undefined where the RPC needs none. */
    token: VerifiedToken | undefined;
    /** The reason for the refusal of the token. */
    tokenRefusal: Error | undefined;
    /** The reason of the problem that the request ended in. */
    failure: string | undefined;
    /** The request message's JSON. */
    assembled: AssembledRequest | undefined;
  }
}
