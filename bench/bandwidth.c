/* bandwidth.c - the minimum work to read CSV files: the limit that csv-report is compared with
 *
 * Usage   bandwidth scan|open THREADS PATH   PATH: a file, or a directory whose *.csv files are read
 *         scan  reads all bytes into a buffer of 512 KiB per thread and compares each once, to
 *               count commas and line ends, with the widest vectors of the CPU
 *         open  lists the directory; opens, reads and closes each file without examining the bytes
 * Output  instruction set, bytes, commas, line ends
 *
 * Shape    scan: files are split into chunks of 4 MiB, which are scheduled dynamically
 * Errors   end the program with a message
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined __x86_64__
#include <immintrin.h>
#endif

enum { BUFFER_BYTES = 512 << 10, CHUNK_BYTES = 4 << 20 };

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bandwidth: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* ---- scanning ---- */

struct counts {
	uint64_t n_bytes, n_commas, n_lines;
};

/* `n` is rounded up to whole vectors: the buffer is longer than the text and zero after it. */
typedef void scan_function(const unsigned char *text, size_t n, struct counts *counts);

static void scan_plain(const unsigned char *text, size_t n, struct counts *counts)
{
	for (size_t i = 0; i < n; i++) {
		counts->n_commas += text[i] == ',';
		counts->n_lines += text[i] == '\n';
	}
}

#if defined __x86_64__
static __attribute__((target("avx2,popcnt"))) void scan_avx2(const unsigned char *text, size_t n,
							     struct counts *counts)
{
	const __m256i comma = _mm256_set1_epi8(','), line_end = _mm256_set1_epi8('\n');
	uint64_t n_commas = 0, n_lines = 0;

	for (size_t i = 0; i < n; i += 32) {
		const __m256i v = _mm256_loadu_si256((const void *)(text + i));
		const int commas = _mm256_movemask_epi8(_mm256_cmpeq_epi8(v, comma));
		const int lines = _mm256_movemask_epi8(_mm256_cmpeq_epi8(v, line_end));

		n_commas += (unsigned)__builtin_popcount((unsigned)commas);
		n_lines += (unsigned)__builtin_popcount((unsigned)lines);
	}
	counts->n_commas += n_commas;
	counts->n_lines += n_lines;
}

static __attribute__((target("avx512bw,popcnt"))) void scan_avx512(const unsigned char *text,
								   size_t n, struct counts *counts)
{
	const __m512i comma = _mm512_set1_epi8(','), line_end = _mm512_set1_epi8('\n');
	uint64_t n_commas = 0, n_lines = 0;

	for (size_t i = 0; i < n; i += 64) {
		const __m512i v = _mm512_loadu_si512((const void *)(text + i));

		n_commas += (unsigned)__builtin_popcountll(_mm512_cmpeq_epi8_mask(v, comma));
		n_lines += (unsigned)__builtin_popcountll(_mm512_cmpeq_epi8_mask(v, line_end));
	}
	counts->n_commas += n_commas;
	counts->n_lines += n_lines;
}
#endif

static scan_function *choose_scan(const char **name)
{
#if defined __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx512bw")) {
		*name = "avx512";
		return scan_avx512;
	}
	if (__builtin_cpu_supports("avx2")) {
		*name = "avx2";
		return scan_avx2;
	}
#endif
	*name = "plain";
	return scan_plain;
}

/* ---- files ---- */

struct files {
	int directory; /* names are relative to it */
	char **name;
	size_t n, capacity;
};

static void add_file(struct files *files, const char *name)
{
	if (files->n == files->capacity) {
		files->capacity = files->capacity == 0 ? 1024 : 2 * files->capacity;
		files->name = realloc(files->name, files->capacity * sizeof *files->name);
		if (files->name == NULL)
			die("memory");
	}
	files->name[files->n] = strdup(name);
	if (files->name[files->n++] == NULL)
		die("memory");
}

static struct files list_files(const char *path)
{
	struct files files = { AT_FDCWD, NULL, 0, 0 };
	DIR *stream = opendir(path);
	const struct dirent *entry;

	if (stream == NULL) {
		if (errno != ENOTDIR)
			die(path);
		add_file(&files, path);
		return files;
	}
	while ((entry = readdir(stream)) != NULL) {
		const size_t n = strlen(entry->d_name);

		if (n > 4 && strcmp(entry->d_name + n - 4, ".csv") == 0)
			add_file(&files, entry->d_name);
	}
	files.directory = dirfd(stream); /* stays open until the program ends */
	return files;
}

struct chunk {
	const char *name;
	off_t from;
};

static struct chunk *split(const struct files *files, size_t *n_chunks)
{
	struct chunk *chunks = NULL;
	size_t n = 0, capacity = 0;

	for (size_t i = 0; i < files->n; i++) {
		struct stat status;

		if (fstatat(files->directory, files->name[i], &status, 0) != 0)
			die(files->name[i]);
		for (off_t from = 0; from < status.st_size; from += CHUNK_BYTES) {
			if (n == capacity) {
				capacity = capacity == 0 ? 1024 : 2 * capacity;
				chunks = realloc(chunks, capacity * sizeof *chunks);
				if (chunks == NULL)
					die("memory");
			}
			chunks[n++] = (struct chunk){ files->name[i], from };
		}
	}
	*n_chunks = n;
	return chunks;
}

/* Reads the chunk, at most CHUNK_BYTES; `scan` may be NULL. */
static void read_chunk(int directory, const struct chunk *chunk, unsigned char *buffer,
		       scan_function *scan, struct counts *counts)
{
	const int file = openat(directory, chunk->name, O_RDONLY | O_CLOEXEC);
	ssize_t n = 1;

	if (file < 0)
		die(chunk->name);
	for (off_t done = 0; n > 0 && done < CHUNK_BYTES; done += n) {
		n = pread(file, buffer, BUFFER_BYTES, chunk->from + done);
		if (n < 0)
			die(chunk->name);
		counts->n_bytes += (uint64_t)n;
		if (scan != NULL && n > 0) {
			memset(buffer + n, 0, 64);
			scan(buffer, (size_t)n, counts);
		}
		if (n < BUFFER_BYTES)
			break; /* end of the file: reads of regular files are complete */
	}
	close(file);
}

int main(int argc, char **argv)
{
	const bool is_scan = argc == 4 && strcmp(argv[1], "scan") == 0;

	if (argc != 4 || (!is_scan && strcmp(argv[1], "open") != 0)) {
		fprintf(stderr, "Usage: %s scan|open THREADS PATH\n", argv[0]);
		return 2;
	}
	const char *instructions = "none";
	scan_function *scan = is_scan ? choose_scan(&instructions) : NULL;
	const struct files files = list_files(argv[3]);
	struct chunk *chunks = NULL;
	size_t n_chunks = files.n;

	if (is_scan)
		chunks = split(&files, &n_chunks);

	uint64_t n_bytes = 0, n_commas = 0, n_lines = 0;
	const int n_threads = atoi(argv[2]) > 0 ? atoi(argv[2]) : 1;

	/* Threads get 32 small files at a time, so that their shared counter costs nothing. */
#pragma omp parallel num_threads(n_threads) reduction(+ : n_bytes, n_commas, n_lines)
	{
		unsigned char *buffer = aligned_alloc(64, BUFFER_BYTES + 64);
		struct counts counts = { 0, 0, 0 };

		if (buffer == NULL)
			die("memory");
		if (is_scan) {
#pragma omp for schedule(dynamic)
			for (size_t i = 0; i < n_chunks; i++)
				read_chunk(files.directory, &chunks[i], buffer, scan, &counts);
		} else {
#pragma omp for schedule(dynamic, 32)
			for (size_t i = 0; i < n_chunks; i++)
				read_chunk(files.directory, &(struct chunk){ files.name[i], 0 },
					   buffer, NULL, &counts);
		}
		n_bytes += counts.n_bytes;
		n_commas += counts.n_commas;
		n_lines += counts.n_lines;
		free(buffer);
	}
	(void)n_threads; /* without OpenMP there is one */
	printf("%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", instructions, n_bytes, n_commas,
	       n_lines);
	for (size_t i = 0; i < files.n; i++)
		free(files.name[i]);
	free(files.name);
	free(chunks);
	return EXIT_SUCCESS;
}
