import type { OpenWebSocket } from './stream-reader.ts';

/** The browser's own; older ones know neither relative addresses nor `http:` here. */
export const openBrowserWebSocket: OpenWebSocket = (address, protocol, events) => {
  const url = new URL(address, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url, protocol);
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }) => events.message(data);
  // Its `error` tells nothing, and `close` always follows.
  socket.onclose = ({ code, reason }) => events.closed(code, reason);
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(1000),
  };
};
