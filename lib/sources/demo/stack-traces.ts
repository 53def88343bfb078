/** What each service's language prints when it fails: several lines in one message, as real ones are. */
export const STACK_TRACES = {
  paymentTimeout: `java.net.SocketTimeoutException: Read timed out
	at java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)
	at java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:304)
	at shop.payments.gateway.GatewayClient.authorize(GatewayClient.java:118)
	at shop.payments.PaymentService.lambda$charge$3(PaymentService.java:87)
	at io.github.resilience4j.circuitbreaker.CircuitBreaker.executeSupplier(CircuitBreaker.java:714)
	at shop.payments.PaymentService.charge(PaymentService.java:84)
	... 41 common frames omitted
Caused by: java.util.concurrent.TimeoutException: no answer from gateway-eu-2 before the deadline
	at shop.payments.gateway.Deadline.await(Deadline.java:52)
	... 46 common frames omitted`,

  searchMemory: `Traceback (most recent call last):
  File "/app/search/worker.py", line 142, in handle
    hits = self.index.query(request.text, limit=request.limit)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/app/search/index.py", line 311, in query
    scores = np.zeros((len(self.docs), len(terms)), dtype=np.float64)
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
numpy._core._exceptions._ArrayMemoryError: Unable to allocate 1.21 GiB for an array with shape (2703112, 60)`,

  inventoryDeadlock: `ERROR: deadlock detected (SQLSTATE 40P01)
goroutine 4127 [running]:
shop/inventory/store.(*Store).Reserve(0xc0001a6000, {0x1b3c4e8, 0xc0004d2f00}, {0xc000612000, 0x3, 0x4})
	/src/inventory/store/reserve.go:96 +0x4f2
shop/inventory/api.(*Server).handleReserve(0xc00018c0e0, {0x1b37a10, 0xc0007100e0}, 0xc0006b8780)
	/src/inventory/api/reserve.go:51 +0x2a1
net/http.HandlerFunc.ServeHTTP(0xc0002b1ad0, {0x1b37a10, 0xc0007100e0}, 0xc0006b8780)
	/usr/local/go/src/net/http/server.go:2294 +0x29`,

  cartTypeError: `TypeError: Cannot read properties of undefined (reading 'amount')
    at applyVoucher (file:///app/dist/cart/voucher.js:47:31)
    at Array.reduce (<anonymous>)
    at totalOf (file:///app/dist/cart/total.js:19:24)
    at async CartController.update (file:///app/dist/cart/controller.js:88:19)
    at async dispatch (file:///app/node_modules/@shop/http/router.js:132:5)`,

  authUnhandled: `System.InvalidOperationException: The connection pool has been exhausted
   at Npgsql.PoolingDataSource.<Get>g__RentAsync|34_0(NpgsqlConnection conn, NpgsqlTimeout timeout)
   at Shop.Auth.Sessions.SessionStore.FindAsync(String token) in /src/Sessions/SessionStore.cs:line 63
   at Shop.Auth.Controllers.LoginController.Post(LoginRequest request) in /src/Controllers/LoginController.cs:line 41
--- End of stack trace from previous location ---`,
} as const;
