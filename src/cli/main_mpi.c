/* main_mpi.c - csv-report-mpi: one report by the processes of an MPI job
 *
 * Shape    the functions of struct csvr_comm, over MPI: the first process gives out tickets and keeps
 *          the shared number; everyone else asks it by message
 * Why      not by MPI's one-sided functions: measured, a fetch from a process that computes is answered
 *          when that calls MPI the next time, which was after 2.0 s of 2 with Open MPI 4.1 over TCP and
 *          with MPICH 4.0; only Open MPI within one node does it at once. So a thread of the first
 *          process looks for questions several thousand times a second (ANSWER_EVERY_NS)
 * Errors   those of MPI end all processes, by its default error handler, so what its functions return
 *          is not looked at
 * Threads  in the first process that one and the one that runs the program; a lock is around each call
 *          of MPI, so MPI_THREAD_SERIALIZED is enough. Where MPI has less, questions wait until the
 *          program calls
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

enum { TAG_QUESTION = 1, TAG_ANSWER, TAG_LENGTH, TAG_BYTES };

enum { NEXT_TICKET, RAISE_NUMBER };

/* A look costs a microsecond or two, so this is a hundredth of a core; a question is about some
 * milliseconds of work. */
enum { ANSWER_EVERY_NS = 200 * 1000 };

/* Who waits for a message may do so for long, where it has nothing to do before others have: after so
 * many looks it sleeps in between, and leaves its core to those that compute. */
enum { EAGER_LOOKS = 200, SLEEP_NS = 100 * 1000 };

/* MPI counts in int: longer messages go in parts. */
static const size_t part_bytes = (size_t)1 << 30;

struct world {
	MPI_Comm comm;
	int rank, count;
	pthread_mutex_t lock; /* around every call of MPI, and of what follows */
	uint64_t n_tickets, number; /* in the first process */
	bool is_over; /* nobody asks any more */
	pthread_t answerer;
	bool has_answerer;
};

static void sleep_ns(long ns)
{
	const struct timespec time = { 0, ns };
	nanosleep(&time, NULL);
}

/* ---- questions to the first process ---- */

/* Under the lock, in the first process. */
static uint64_t answer(struct world *world, const uint64_t question[2])
{
	if (question[0] == NEXT_TICKET)
		return world->n_tickets++;
	if (question[1] > world->number)
		world->number = question[1];
	return world->number;
}

/* Under the lock: answers what has been asked. Who asks has made room for the answer before, so nothing
 * here waits. */
static void answer_all(struct world *world)
{
	for (;;) {
		int is_there;
		MPI_Status from;
		uint64_t question[2];
		MPI_Iprobe(MPI_ANY_SOURCE, TAG_QUESTION, world->comm, &is_there, &from);
		if (!is_there)
			return;
		MPI_Recv(question, 2, MPI_UINT64_T, from.MPI_SOURCE, TAG_QUESTION, world->comm,
			 MPI_STATUS_IGNORE);
		const uint64_t said = answer(world, question);
		MPI_Send(&said, 1, MPI_UINT64_T, from.MPI_SOURCE, TAG_ANSWER, world->comm);
	}
}

static void *answer_until_over(void *context)
{
	struct world *world = context;
	bool is_over = false;
	while (!is_over) {
		sleep_ns(ANSWER_EVERY_NS);
		pthread_mutex_lock(&world->lock);
		answer_all(world);
		is_over = world->is_over;
		pthread_mutex_unlock(&world->lock);
	}
	return NULL;
}

/* ---- waiting ---- */

/* Until a message has come or gone; the first process answers meanwhile. */
static void wait_for(struct world *world, MPI_Request *request)
{
	for (int n_looks = 0;; n_looks++) {
		int is_done;
		pthread_mutex_lock(&world->lock);
		MPI_Test(request, &is_done, MPI_STATUS_IGNORE);
		if (world->rank == 0)
			answer_all(world);
		pthread_mutex_unlock(&world->lock);
		if (is_done)
			return;
		if (n_looks < EAGER_LOOKS)
			sched_yield();
		else
			sleep_ns(SLEEP_NS);
	}
}

static uint64_t ask(struct world *world, uint64_t what, uint64_t value)
{
	const uint64_t question[2] = { what, value };
	uint64_t said;
	MPI_Request request;
	pthread_mutex_lock(&world->lock);
	if (world->rank == 0) {
		answer_all(world);
		said = answer(world, question);
	} else {
		MPI_Irecv(&said, 1, MPI_UINT64_T, 0, TAG_ANSWER, world->comm, &request);
		MPI_Send(question, 2, MPI_UINT64_T, 0, TAG_QUESTION, world->comm);
	}
	pthread_mutex_unlock(&world->lock);
	if (world->rank > 0)
		wait_for(world, &request);
	return said;
}

/* ---- the functions of struct csvr_comm ---- */

static enum csvr_status next_ticket(void *context, uint64_t *ticket)
{
	*ticket = ask(context, NEXT_TICKET, 0);
	return CSVR_OK;
}

static enum csvr_status raise_number(void *context, uint64_t value, uint64_t *shared)
{
	*shared = ask(context, RAISE_NUMBER, value);
	return CSVR_OK;
}

/* How a message goes: to all, to one, from one. */
enum way { TO_ALL, TO_ONE, FROM_ONE };

static void move_part(struct world *world, enum way way, int other, int tag, void *bytes,
		      size_t n_bytes)
{
	MPI_Request request;
	const int n = (int)n_bytes;
	pthread_mutex_lock(&world->lock);
	if (way == TO_ALL)
		MPI_Ibcast(bytes, n, MPI_BYTE, 0, world->comm, &request);
	else if (way == TO_ONE)
		MPI_Isend(bytes, n, MPI_BYTE, other, tag, world->comm, &request);
	else
		MPI_Irecv(bytes, n, MPI_BYTE, other, tag, world->comm, &request);
	pthread_mutex_unlock(&world->lock);
	wait_for(world, &request);
}

/* Its length, then its bytes. Who receives gets room for them. */
static enum csvr_status move_bytes(struct world *world, enum way way, int other, bool receives,
				   unsigned char **bytes, size_t *n_bytes)
{
	uint64_t length = receives ? 0 : *n_bytes;
	move_part(world, way, other, TAG_LENGTH, &length, sizeof length);
	if (receives) {
		*n_bytes = (size_t)length;
		*bytes = malloc(*n_bytes + 1);
		if (*bytes == NULL)
			return CSVR_NO_MEMORY;
	}
	for (size_t at = 0; at < *n_bytes; at += part_bytes) {
		const size_t left = *n_bytes - at;
		move_part(world, way, other, TAG_BYTES, *bytes + at,
			  left < part_bytes ? left : part_bytes);
	}
	return CSVR_OK;
}

static enum csvr_status broadcast(void *context, unsigned char **bytes, size_t *n_bytes)
{
	struct world *world = context;
	return move_bytes(world, TO_ALL, 0, world->rank > 0, bytes, n_bytes);
}

static enum csvr_status send_to(void *context, int to, const unsigned char *bytes, size_t n_bytes)
{
	union {
		const unsigned char *given;
		unsigned char *sent; /* MPI only reads it */
	} same = { bytes };
	return move_bytes(context, TO_ONE, to, false, &same.sent, &n_bytes);
}

static enum csvr_status receive_from(void *context, int from, unsigned char **bytes,
				     size_t *n_bytes)
{
	return move_bytes(context, FROM_ONE, from, true, bytes, n_bytes);
}

/* Another thread may hold the lock for ever, and nobody else will call MPI any more. */
static void fail(void *context, const struct csvr_error *error)
{
	struct world *world = context;
	struct csvr_log log;
	csvr_log_init(&log);
	csvr_log_error(&log, CSVR_EXIT_NO_REPORT, "process %d of %d: %s; no report",
		       world->rank + 1, world->count,
		       error == NULL || error->message[0] == '\0' ? "out of memory"
								  : error->message);
	MPI_Abort(world->comm, CSVR_EXIT_NO_REPORT);
	abort();
}

/* ---- beginning and end ---- */

/* The launcher has started several processes, but this MPI library knows of one: each would do all of
 * the work and write the same report. */
static bool is_lone(const struct world *world)
{
	const struct csvr_launcher_env launch = csvr_launcher_detect();
	if (world->count > 1 || launch.count == 1)
		return false;
	struct csvr_log log;
	csvr_log_init(&log);
	log.is_silent = launch.number > 0;
	csvr_log_error(
		&log, CSVR_EXIT_USAGE,
		"started %ld times, but each process is alone: the launcher is not that of this MPI "
		"library; use its own mpiexec or mpirun, or srun with the --mpi=TYPE it needs "
		"(--version names it)",
		launch.count);
	return true;
}

/* The thread that answers, if there is anyone to ask, and MPI allows it. */
static void begin_answering(struct world *world, int threads)
{
	if (world->rank > 0 || world->count == 1 || threads < MPI_THREAD_SERIALIZED)
		return;
	/* Signals are for the thread that runs the program. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	world->has_answerer = pthread_create(&world->answerer, NULL, answer_until_over, world) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void end_answering(struct world *world)
{
	pthread_mutex_lock(&world->lock);
	world->is_over = true;
	pthread_mutex_unlock(&world->lock);
	if (world->has_answerer)
		pthread_join(world->answerer, NULL);
}

/* "MPI (3.1, Open MPI v4.1.4, ...)": the version of the standard, and the first line of the library's. */
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
					.fetch_ticket = next_ticket,
					.fetch_max = raise_number,
					.broadcast = broadcast,
					.send = send_to,
					.receive = receive_from,
					.abort_all = fail,
					.context = &world };
	int status = CSVR_EXIT_USAGE;
	if (!is_lone(&world)) {
		char mpi[MPI_MAX_LIBRARY_VERSION_STRING + 32];
		describe_mpi(mpi, sizeof mpi);
		begin_answering(&world, threads);
		const struct csvr_program program = { .mpi = mpi,
						      .remote = "no remote",
						      .comm = &comm };
		status = csvr_program_run(argc, argv, &program);
		move_part(&world, TO_ALL, 0, 0, &status, sizeof status);
		csvr_signals_ignore_all();
		end_answering(&world);
	}
	MPI_Comm_free(&world.comm);
	MPI_Finalize();
	return status;
}
