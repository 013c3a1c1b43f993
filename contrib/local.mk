# contrib/local.mk - job scripts and packaging files; distributed, not installed

EXTRA_DIST += \
	contrib/README \
	contrib/apptainer/csv-report.def \
	contrib/lsf-array.sh \
	contrib/lsf-merge.sh \
	contrib/pbs-array.sh \
	contrib/pbs-merge.sh \
	contrib/slurm-array.sh \
	contrib/slurm-exact.sh \
	contrib/slurm-checkpoint.sh \
	contrib/slurm-merge.sh \
	contrib/slurm-mpi.sh \
	contrib/slurm-single.sh \
	contrib/spack/package.py
# contrib/csv-report.modulefile.in is distributed because configure.ac lists it.
