#!/bin/bash
#SBATCH --job-name="hearth-rates"
#SBATCH --output="/home/ada/my work/results/sweeps/rates/flex/logs 100%%/%A_%a.log"
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=USR1@120
#SBATCH --cpus-per-task=2
#SBATCH --mem=4096M
#SBATCH --gres=gpu:1

# Runs a task of the sweep: element 0 of the array is the task that the first argument names. What follows is
# passed on.
# To submit by hand: sbatch --array=0-9 SCRIPT 0

cd '/home/ada/my work' || exit 74
# srun does not take this over from sbatch.
export SRUN_CPUS_PER_TASK="${SLURM_CPUS_PER_TASK:-1}"
srun --unbuffered /opt/hearth sweep exec rates.json --backend flex --out results --per-task 5 --data-dir "/data/it's here" --threads "${SLURM_CPUS_PER_TASK:-1}" --index "$((SLURM_ARRAY_TASK_ID + ${1:-0}))" "${@:2}"
code=$?

# The task was told to stop and saved its run: this task alone goes back into the queue. scancel ends this
# script, too, so that nothing does.
task="${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
if [ "$code" = 75 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 100 ] && command -v scontrol > /dev/null; then
    # Slurm ends this script once it has done so.
    scontrol requeue "$task" && sleep 60
fi
exit "$code"
