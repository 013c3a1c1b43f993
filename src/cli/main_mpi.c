/* main_mpi.c - csv-report-mpi: one report by the ranks of an MPI job
 *
 * Shape    the functions of struct csvr_comm, over MPI. Rank 0 holds the ticket counter and the shared
 *          maximum; the other ranks send it requests and receive replies
 * Why      MPI's one-sided functions are too slow for this. Measured: a fetch from a rank that computes
 *          completes when that rank next calls MPI, which was after 2.0 s of 2 with Open MPI 4.1 over TCP
 *          and with MPICH 4.0; only Open MPI within one node completes it at once. So a thread of rank 0
 *          polls for requests several thousand times per second (ANSWER_INTERVAL_NS)
 * Errors   the default error handler of MPI ends all ranks, so return values of MPI are not checked
 * Threads  rank 0 has the main thread and the one that answers requests. A lock around each MPI call makes
 *          MPI_THREAD_SERIALIZED sufficient. If MPI provides less, there is no second thread, and requests
 *          wait until the main thread calls MPI
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <mpi.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/launcher.h"
#include "cli/log.h"
#include "cli/program.h"
#include "cli/signals.h"
#include "csvreport.h"

enum { TAG_REQUEST = 1, TAG_REPLY, TAG_LENGTH, TAG_BYTES };

enum { FETCH_TICKET, FETCH_MAX };

/* A poll costs one or two microseconds, so this interval uses about 1 % of a core. A request is followed by
 * some milliseconds of work. */
enum { ANSWER_INTERVAL_NS = 200 * 1000 };

/* A rank without work may wait for a message for a long time. After EAGER_POLLS polls it sleeps between
 * polls, which leaves its core to ranks that compute. */
enum { EAGER_POLLS = 200, SLEEP_NS = 100 * 1000 };

/* MPI counts in int: longer messages are sent in parts. */
static const size_t part_bytes = (size_t)1 << 30;

struct world {
	MPI_Comm comm;
	int rank, count;
	pthread_mutex_t lock; /* owned during every MPI call; guards the next three members */
	uint64_t next_ticket, maximum; /* rank 0 only */
	bool is_finished; /* no more requests will come */
	pthread_t answer_thread_id;
	bool has_answer_thread;
};

static void sleep_ns(long ns)
{
	const struct timespec time = { 0, ns };
	nanosleep(&time, NULL);
}

/* ---- requests to rank 0 ---- */

/* Rank 0 only; the caller owns the lock. */
static uint64_t answer(struct world *world, const uint64_t message[2])
{
	if (message[0] == FETCH_TICKET)
		return world->next_ticket++;
	if (message[1] > world->maximum)
		world->maximum = message[1];
	return world->maximum;
}

/* Replies to all pending requests. The caller owns the lock. A sender posts its receive before the request,
 * so no call here blocks. */
static void answer_pending(struct world *world)
{
	for (;;) {
		int is_pending;
		MPI_Status sender;
		uint64_t message[2];
		MPI_Iprobe(MPI_ANY_SOURCE, TAG_REQUEST, world->comm, &is_pending, &sender);
		if (!is_pending)
			return;
		MPI_Recv(message, 2, MPI_UINT64_T, sender.MPI_SOURCE, TAG_REQUEST, world->comm,
			 MPI_STATUS_IGNORE);
		const uint64_t reply = answer(world, message);
		MPI_Send(&reply, 1, MPI_UINT64_T, sender.MPI_SOURCE, TAG_REPLY, world->comm);
	}
}

static void *answer_thread(void *context)
{
	struct world *world = context;
	bool is_finished = false;
	while (!is_finished) {
		sleep_ns(ANSWER_INTERVAL_NS);
		pthread_mutex_lock(&world->lock);
		answer_pending(world);
		is_finished = world->is_finished;
		pthread_mutex_unlock(&world->lock);
	}
	return NULL;
}

/* ---- waiting ---- */

/* Waits until a message is sent or received; rank 0 answers requests meanwhile. */
static void wait_for(struct world *world, MPI_Request *request)
{
	for (int n_polls = 0;; n_polls++) {
		int is_done;
		pthread_mutex_lock(&world->lock);
		MPI_Test(request, &is_done, MPI_STATUS_IGNORE);
		if (world->rank == 0)
			answer_pending(world);
		pthread_mutex_unlock(&world->lock);
		if (is_done)
			return;
		if (n_polls < EAGER_POLLS)
			sched_yield();
		else
			sleep_ns(SLEEP_NS);
	}
}

static uint64_t send_request(struct world *world, uint64_t operation, uint64_t value)
{
	const uint64_t message[2] = { operation, value };
	uint64_t reply;
	MPI_Request request;
	pthread_mutex_lock(&world->lock);
	if (world->rank == 0) {
		answer_pending(world);
		reply = answer(world, message);
	} else {
		MPI_Irecv(&reply, 1, MPI_UINT64_T, 0, TAG_REPLY, world->comm, &request);
		MPI_Send(message, 2, MPI_UINT64_T, 0, TAG_REQUEST, world->comm);
	}
	pthread_mutex_unlock(&world->lock);
	if (world->rank > 0)
		wait_for(world, &request);
	return reply;
}

/* ---- the functions of struct csvr_comm ---- */

static enum csvr_status fetch_ticket(void *context, uint64_t *ticket)
{
	*ticket = send_request(context, FETCH_TICKET, 0);
	return CSVR_OK;
}

static enum csvr_status fetch_max(void *context, uint64_t value, uint64_t *shared)
{
	*shared = send_request(context, FETCH_MAX, value);
	return CSVR_OK;
}

enum direction { TO_ALL, TO_ONE, FROM_ONE };

static void transfer_part(struct world *world, enum direction direction, int other, int tag,
			  void *bytes, size_t n_bytes)
{
	MPI_Request request;
	const int n = (int)n_bytes;
	pthread_mutex_lock(&world->lock);
	if (direction == TO_ALL)
		MPI_Ibcast(bytes, n, MPI_BYTE, 0, world->comm, &request);
	else if (direction == TO_ONE)
		MPI_Isend(bytes, n, MPI_BYTE, other, tag, world->comm, &request);
	else
		MPI_Irecv(bytes, n, MPI_BYTE, other, tag, world->comm, &request);
	pthread_mutex_unlock(&world->lock);
	wait_for(world, &request);
}

/* Transfers the length, then the bytes. A receiver allocates `*bytes`. */
static enum csvr_status transfer_bytes(struct world *world, enum direction direction, int other,
				       bool receives, unsigned char **bytes, size_t *n_bytes)
{
	uint64_t length = receives ? 0 : *n_bytes;
	transfer_part(world, direction, other, TAG_LENGTH, &length, sizeof length);
	if (receives) {
		*n_bytes = (size_t)length;
		*bytes = malloc(*n_bytes + 1);
		if (*bytes == NULL)
			return CSVR_NO_MEMORY;
	}
	for (size_t at = 0; at < *n_bytes; at += part_bytes) {
		const size_t left = *n_bytes - at;
		transfer_part(world, direction, other, TAG_BYTES, *bytes + at,
			      left < part_bytes ? left : part_bytes);
	}
	return CSVR_OK;
}

static enum csvr_status broadcast(void *context, unsigned char **bytes, size_t *n_bytes)
{
	struct world *world = context;
	return transfer_bytes(world, TO_ALL, 0, world->rank > 0, bytes, n_bytes);
}

static enum csvr_status send_to(void *context, int to, const unsigned char *bytes, size_t n_bytes)
{
	union {
		const unsigned char *given;
		unsigned char *sent; /* MPI only reads it */
	} same = { bytes };
	return transfer_bytes(context, TO_ONE, to, false, &same.sent, &n_bytes);
}

static enum csvr_status receive_from(void *context, int from, unsigned char **bytes,
				     size_t *n_bytes)
{
	return transfer_bytes(context, FROM_ONE, from, true, bytes, n_bytes);
}

/* Does not take the lock: another thread may own it forever, and no other thread will call MPI again. */
static void abort_all(void *context, const struct csvr_error *error)
{
	struct world *world = context;
	struct csvr_log log;
	csvr_log_init(&log);
	csvr_log_error(&log, CSVR_EXIT_NO_REPORT, "rank %d of %d: %s; no report", world->rank,
		       world->count,
		       error == NULL || error->message[0] == '\0' ? "out of memory"
								  : error->message);
	MPI_Abort(world->comm, CSVR_EXIT_NO_REPORT);
	abort();
}

/* ---- start and end ---- */

/* Whether the launcher started several processes of which this MPI library knows only one. Each would do
 * all of the work and write the same report. */
static bool is_foreign_launcher(const struct world *world)
{
	const struct csvr_launcher_env launcher = csvr_launcher_detect();
	if (world->count > 1 || launcher.count == 1)
		return false;
	struct csvr_log log;
	csvr_log_init(&log);
	log.is_silent = launcher.number > 0;
	csvr_log_error(
		&log, CSVR_EXIT_USAGE,
		"started %ld times, but each process sees only itself: the launcher belongs to "
		"another MPI library; use the mpiexec or mpirun of this library (see --version), or "
		"srun with the --mpi=TYPE that it needs",
		launcher.count);
	return true;
}

/* Starts the thread that answers requests, if there are other ranks and MPI allows threads. */
static void start_answer_thread(struct world *world, int threads)
{
	if (world->rank > 0 || world->count == 1 || threads < MPI_THREAD_SERIALIZED)
		return;
	/* Signals are handled by the main thread. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	world->has_answer_thread = pthread_create(&world->answer_thread_id, NULL, answer_thread,
						  world) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void join_answer_thread(struct world *world)
{
	pthread_mutex_lock(&world->lock);
	world->is_finished = true;
	pthread_mutex_unlock(&world->lock);
	if (world->has_answer_thread)
		pthread_join(world->answer_thread_id, NULL);
}

/* "MPI (3.1, Open MPI v4.1.4)": the versions of the standard and of the library. */
static void describe_mpi(char *text, size_t room)
{
	char library[MPI_MAX_LIBRARY_VERSION_STRING];
	int length, version, subversion;
	MPI_Get_version(&version, &subversion);
	MPI_Get_library_version(library, &length);
	library[strcspn(library, "\n,")] = '\0';
	for (char *tab = library; (tab = strchr(tab, '\t')) != NULL;)
		*tab = ' ';
	snprintf(text, room, "MPI (%d.%d, %s)", version, subversion, library);
}

int main(int argc, char **argv)
{
	struct world world = { .lock = PTHREAD_MUTEX_INITIALIZER };
	int threads;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &threads);
	MPI_Comm_dup(MPI_COMM_WORLD, &world.comm);
	MPI_Comm_rank(world.comm, &world.rank);
	MPI_Comm_size(world.comm, &world.count);
	const struct csvr_comm comm = { .rank = world.rank,
					.count = world.count,
					.fetch_ticket = fetch_ticket,
					.fetch_max = fetch_max,
					.broadcast = broadcast,
					.send = send_to,
					.receive = receive_from,
					.abort_all = abort_all,
					.context = &world };
	int status = CSVR_EXIT_USAGE;
	if (!is_foreign_launcher(&world)) {
		char mpi[MPI_MAX_LIBRARY_VERSION_STRING + 32];
		describe_mpi(mpi, sizeof mpi);
		start_answer_thread(&world, threads);
		const struct csvr_program program = { .mpi = mpi,
						      .remote = "no remote",
						      .comm = &comm };
		status = csvr_program_run(argc, argv, &program);
		transfer_part(&world, TO_ALL, 0, 0, &status, sizeof status);
		csvr_signals_ignore_all();
		join_answer_thread(&world);
	}
	MPI_Comm_free(&world.comm);
	MPI_Finalize();
	return status;
}
